import { percentile } from '../../soak/percentile.ts';
import { times } from '../asks.ts';
import { plainApp, SLOW_MS } from '../plain-app.ts';
import type { Row } from '../row.ts';
import { leastLatenciesMs, randomSchedule } from '../schedule.ts';
import { steadyLoad } from '../steady-load.ts';

const PER_SECOND = 150;
const SLOW_SHARE = 0.01;
const PROCESSES = 2;

const asks = [times(1.1, 'uWSGI'), times(1, 'gunicorn')];

/**
 * Now and then both workers are at a slow request, and the others have to wait, whoever serves: that is what the 99th percentile shows, and
 * whether some wait that need not. How the schedule itself would have it stands beside it.
 */
export const mixedLatency: Row = {
  name: 'mixed-latency',
  title: `${PROCESSES} processes, ${PER_SECOND} requests/s at random moments, 1 % of them take ${SLOW_MS} ms, a new connection each`,
  contestants: plainApp({ processes: PROCESSES }),
  columns: [
    { key: 'p50Ms', title: 'p50 ms', better: 'lower', decimals: 2 },
    { key: 'quickP99Ms', title: 'p99 of the quick ones', better: 'lower', decimals: 1, asks },
    { key: 'quickLeastMs', title: 'as calculated', better: 'lower', decimals: 1 },
    { key: 'p99Ms', title: 'p99 of all', better: 'lower', decimals: 1, asks },
    { key: 'leastMs', title: 'as calculated', better: 'lower', decimals: 1 },
    { key: 'failed', title: 'failed', better: 'lower', decimals: 0 },
  ],
  leastSeconds: 10,
  round: async ({ port }, seconds) => {
    const schedule = randomSchedule(PER_SECOND, seconds, SLOW_SHARE);
    const { latenciesMs, quickMs, failed } = await steadyLoad(port, schedule);
    const least = [...leastLatenciesMs(schedule, PROCESSES, SLOW_MS)];
    return {
      p50Ms: percentile(latenciesMs, 0.5),
      quickP99Ms: percentile(quickMs, 0.99),
      quickLeastMs: percentile(
        least.filter((_, index) => schedule.isSlow[index] === 0),
        0.99,
      ),
      p99Ms: percentile(latenciesMs, 0.99),
      leastMs: percentile(least, 0.99),
      failed,
    };
  },
};
