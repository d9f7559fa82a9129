import { privateBytes, privateBytesOfTree } from '../../rig/processes.ts';
import { figure } from '../asks.ts';
import { type Realm, realms } from '../emperors.ts';
import { accepts, msUntil, serves } from '../launch.ts';
import type { Ask, Figures, Row } from '../row.ts';

const MEGABYTE = 2 ** 20;
/** Two cores start a few vassals in a second. */
const PATIENCE_MS_PER_VASSAL = 2000;
const PATIENCE_MS = 20_000;

/** Vassals at once; more of them take minutes. */
const MANY = 100;

async function round(realm: Realm, count: number): Promise<Figures> {
  const ports: number[] = [];
  for (let site = 0; site < count; site++) {
    const port = await realm.port();
    ports.push(port);
    realm.drop(site, port);
  }
  const began = performance.now();
  const emperor = await realm.start();
  const withinMs = PATIENCE_MS + count * PATIENCE_MS_PER_VASSAL;
  const [acceptMs, serveMs] = await Promise.all([
    msUntil(`all of ${count} vassals accept`, began, allDo(ports, accepts), withinMs),
    msUntil(`all of ${count} vassals serve`, began, allDo(ports, serves), withinMs),
  ]);
  const emperorMegabytes = privateBytes(emperor.pid) / MEGABYTE;
  const vassalMegabytes = (privateBytesOfTree(emperor.pid) / MEGABYTE - emperorMegabytes) / count;
  await emperor.stop();
  for (let site = 0; site < count; site++) realm.remove(site);
  return { acceptMs, serveMs, emperorMegabytes, vassalMegabytes };
}

/** Asks one after the other, and none again that has done it: what waits for many must not keep the cores from them. */
function allDo(ports: readonly number[], does: (port: number) => Promise<boolean>): () => Promise<boolean> {
  let done = 0;
  return async () => {
    while (done < ports.length && (await does(ports[done] ?? 0))) done++;
    return done === ports.length;
  };
}

function withVassals(count: number, asks: readonly Ask[] = []): Row<Realm> {
  return {
    name: `vassals-${count}`,
    title: `an emperor is started over ${count} ${count === 1 ? 'vassal' : 'vassals'} of one process each, the tutorial’s app`,
    contestants: realms,
    columns: [
      { key: 'acceptMs', title: 'all accept after ms', better: 'lower', decimals: 0, asks },
      { key: 'serveMs', title: 'all serve after ms', better: 'lower', decimals: 0 },
      { key: 'emperorMegabytes', title: 'emperor, private MB', better: 'lower', decimals: 1 },
      { key: 'vassalMegabytes', title: 'a vassal, private MB', better: 'lower', decimals: 1 },
    ],
    isCold: true,
    ...(count >= MANY ? { isLong: true } : {}),
    mostRounds: count >= MANY ? 1 : 2,
    round: (realm) => round(realm, count),
  };
}

/** DESIGN 6: 50 vassals accept after 4 s at most. */
export const vassals: readonly Row<Realm>[] = [
  withVassals(1),
  withVassals(10),
  withVassals(50, [figure(4000)]),
  withVassals(100),
  withVassals(500),
];
