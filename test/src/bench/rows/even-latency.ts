import { startNginxSite } from '../../rig/nginx.ts';
import { percentile } from '../../soak/percentile.ts';
import { plainApp } from '../plain-app.ts';
import type { Column, Contestant, Figures, Row, Server } from '../row.ts';
import { evenSchedule } from '../schedule.ts';
import { SlowClients } from '../slow-clients.ts';
import { steadyLoad } from '../steady-load.ts';

const PER_SECOND = 100;
const SLOW_EVERY = 100;
const SLOW_CLIENTS = 4;
const LEAST_SECONDS = 6;

const columns: readonly Column[] = [
  { key: 'p50Ms', title: 'p50 ms', better: 'lower', decimals: 2 },
  { key: 'p90Ms', title: 'p90 ms', better: 'lower', decimals: 2 },
  { key: 'p99Ms', title: 'p99 of the quick ones', better: 'lower', decimals: 2 },
  { key: 'failed', title: 'failed', better: 'lower', decimals: 0 },
];

/** What the measurement itself adds: nothing can answer quicker. */
const nobody: Contestant = {
  name: 'nginx, no app',
  needs: ['nginx'],
  isGauge: true,
  start: async (rig) => {
    const port = await rig.port();
    const program = await startNginxSite(rig, { home: 'nobody', server: `listen 127.0.0.1:${port}; return 200;` });
    return { port, program };
  },
};

async function round({ port }: Server, seconds: number): Promise<Figures> {
  const { quickMs, failed } = await steadyLoad(port, evenSchedule(PER_SECOND, seconds, SLOW_EVERY));
  return {
    p50Ms: percentile(quickMs, 0.5),
    p90Ms: percentile(quickMs, 0.9),
    p99Ms: percentile(quickMs, 0.99),
    failed,
  };
}

/** A worker is always free: beside `mixed-latency`, this is what the way through the server takes when there is little to do. */
export const evenLatency: Row = {
  name: 'even-latency',
  title: `2 processes, ${PER_SECOND} requests/s in step, every ${SLOW_EVERY}th takes 500 ms, a new connection each: the quick ones`,
  contestants: [...plainApp({ processes: 2 }), nobody],
  columns,
  leastSeconds: LEAST_SECONDS,
  round,
};

export const slowClients: Row = {
  name: 'slow-clients',
  title: `the same beside ${SLOW_CLIENTS} clients that send a body at 1 KB/s`,
  contestants: plainApp({ processes: 2 }),
  columns,
  mostRounds: 1,
  leastSeconds: LEAST_SECONDS,
  round: async (server, seconds) => {
    using _slow = new SlowClients(server.port, SLOW_CLIENTS);
    return await round(server, seconds);
  },
};
