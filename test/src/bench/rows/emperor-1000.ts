import { setTimeout as pause } from 'node:timers/promises';

import { figure } from '../asks.ts';
import { type Court, courts } from '../courts.ts';
import type { Row } from '../row.ts';

const SITES = 1000;
const FILES_BESIDE = 1000;
/** What came with the start has to settle: the collector of garbage tidies up once, when nothing has happened for some ten seconds. */
const REST_MS = 25_000;
/** Ticks of CPU time are 10 ms: 0.5 % of a core are 10 of them. */
const LEAST_SECONDS = 20;

export const emperor1000: Row<Court> = {
  name: 'emperor-1000',
  title: `an emperor over ${SITES} vassals with ${FILES_BESIDE} files beside each configuration, when nothing happens`,
  contestants: courts,
  columns: [
    { key: 'readyMs', title: 'all ready after ms', better: 'lower', decimals: 0 },
    { key: 'cpuPercent', title: 'emperor, % of a core', better: 'lower', decimals: 2, asks: [figure(0.5)] },
    { key: 'megabytes', title: 'emperor, private MB', better: 'lower', decimals: 1, asks: [figure(120)] },
  ],
  isCold: true,
  isLong: true,
  mostRounds: 1,
  round: async (court, seconds) => {
    court.lay(SITES, FILES_BESIDE);
    const { ruler, allReady } = await court.begin();
    const readyMs = await allReady(SITES);
    await pause(REST_MS);
    const restMs = Math.max(seconds, LEAST_SECONDS) * 1000;
    const before = ruler.cpuMs;
    await pause(restMs);
    const cpuPercent = ((ruler.cpuMs - before) / restMs) * 100;
    const megabytes = ruler.privateMegabytes;
    await ruler.program.stop();
    return { readyMs, cpuPercent, megabytes };
  },
};
