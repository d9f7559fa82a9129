import { existsSync } from 'node:fs';

import type { Rig } from '../rig/rig.ts';
import { putSites, Ruler, SAYS } from '../soak/ruler.ts';
import { accepts, msUntil } from './launch.ts';
import type { Contestant } from './row.ts';

/** For a thousand vassals on a slow machine. */
const PATIENCE_MS = 180_000;

/** An emperor over vassals that do nothing but speak its protocol: what it takes is all its own. */
export interface Court {
  /** Lays out so many sites with so many files beside each configuration, if they are not there yet: everybody has the same ones. */
  readonly lay: (sites: number, filesBeside: number) => void;
  readonly begin: () => Promise<Reign>;
}

/** An emperor that has been started. */
export interface Reign {
  readonly ruler: Ruler;
  /** Milliseconds from its start until so many vassals have said that they are ready. */
  readonly allReady: (sites: number) => Promise<number>;
  /** Milliseconds from its start until the port accepts where its own figures are. */
  readonly figuresThere: () => Promise<number>;
}

type Start = (rig: Rig, statusAddress: string) => Promise<Ruler>;

const STARTS: readonly (readonly [name: string, needs: Contestant['needs'], start: Start])[] = [
  ['ours', [], (rig, address) => Ruler.ours(rig, '--die-with-emperor', '--metrics', address)],
  ['uWSGI', ['uwsgi'], (rig, address) => Ruler.real(rig, '--emperor-stats', address)],
];

export const courts: readonly Contestant<Court>[] = STARTS.map(([name, needs, start]) => ({
  name,
  needs,
  start: (rig) => Promise.resolve(courtOf(rig, start)),
}));

function courtOf(rig: Rig, start: Start): Court {
  return {
    lay: (sites, filesBeside) => {
      const names = Array.from({ length: sites }, (_, site) => `site-${site}`);
      if (!existsSync(rig.path('sites'))) putSites(rig, names, filesBeside);
    },
    begin: async () => {
      const port = await rig.port();
      const began = performance.now();
      const ruler = await start(rig, `127.0.0.1:${port}`);
      return {
        ruler,
        allReady: (sites) => ruler.said(SAYS.ready, sites, 0, began, PATIENCE_MS),
        figuresThere: () => msUntil('its figures can be asked for', began, () => accepts(port)),
      };
    },
  };
}
