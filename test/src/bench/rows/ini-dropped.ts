import { figure } from '../asks.ts';
import { setTimeout as pause } from 'node:timers/promises';

import type { Program } from '../../rig/program.ts';
import { type Realm, realms } from '../emperors.ts';
import { msUntil, serves } from '../launch.ts';
import type { Contestant, Row } from '../row.ts';

/** An emperor that runs, and the sites it has had so far. */
interface Reign {
  readonly realm: Realm;
  readonly emperor: Program;
  readonly sites: number[];
}

/** An emperor that looks once a second is found at another moment of its second by each site: the golden ratio spreads few of them best. */
function restMs(site: number): number {
  return 1000 + ((site * 0.618) % 1) * 1000;
}

const contestants: readonly Contestant<Reign>[] = realms.map(({ name, needs, start }) => ({
  name,
  needs,
  start: async (rig) => {
    const realm = await start(rig);
    return { realm, emperor: await realm.start(), sites: [] };
  },
}));

/** DESIGN 6: less than 0.6 s. */
export const iniDropped: Row<Reign> = {
  name: 'ini-dropped',
  title: 'an ini file is dropped: until the first request is served, the tutorial’s app',
  contestants,
  columns: [{ key: 'servedMs', title: 'served after ms', better: 'lower', decimals: 0, asks: [figure(600)] }],
  round: async ({ realm, sites }) => {
    const last = sites.at(-1);
    if (last !== undefined) realm.remove(last);
    await pause(restMs(sites.length));
    const site = sites.push(sites.length) - 1;
    const port = await realm.port();
    realm.drop(site, port);
    return { servedMs: await msUntil('the new site is served', performance.now(), () => serves(port)) };
  },
};
