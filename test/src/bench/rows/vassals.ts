import { privateBytes, privateBytesOfTree } from '../../rig/processes.ts';
import { type Realm, realms } from '../emperors.ts';
import { msUntil, serves } from '../launch.ts';
import type { Column, Figures, Row } from '../row.ts';

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
  let served = 0;
  const allServe = async (): Promise<boolean> => {
    while (served < count && (await serves(ports[served] ?? 0))) served++;
    return served === count;
  };
  const acceptMs = await msUntil(`all of ${count} vassals serve`, began, allServe, withinMs);
  const emperorMegabytes = privateBytes(emperor.pid) / MEGABYTE;
  const vassalMegabytes = (privateBytesOfTree(emperor.pid) / MEGABYTE - emperorMegabytes) / count;
  await emperor.stop();
  for (let site = 0; site < count; site++) realm.remove(site);
  return { acceptMs, emperorMegabytes, vassalMegabytes };
}

function withVassals(count: number, limitMs?: number): Row<Realm> {
  const acceptMs: Column = { key: 'acceptMs', title: 'all serve after ms', better: 'lower', decimals: 0 };
  return {
    name: `vassals-${count}`,
    title: `an emperor is started over ${count} ${count === 1 ? 'vassal' : 'vassals'} of one process each, the tutorial’s app`,
    contestants: realms,
    columns: [
      limitMs === undefined ? acceptMs : { ...acceptMs, limit: limitMs },
      { key: 'emperorMegabytes', title: 'emperor, private MB', better: 'lower', decimals: 1 },
      { key: 'vassalMegabytes', title: 'a vassal, private MB', better: 'lower', decimals: 1 },
    ],
    isCold: true,
    isLong: count >= MANY,
    round: (realm) => round(realm, count),
  };
}

/** DESIGN 6: 50 vassals accept after 4 s at most. */
export const vassals: readonly Row<Realm>[] = [
  withVassals(1),
  withVassals(10),
  withVassals(50, 4000),
  withVassals(100),
  withVassals(500),
];
