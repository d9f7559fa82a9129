import { plainApp } from '../plain-app.ts';
import type { Column, Figures, Row, Server } from '../row.ts';
import { SlowClients } from '../slow-clients.ts';
import { percentile, steadyLoad } from '../steady-load.ts';

const PER_SECOND = 100;
const SLOW_EVERY = 100;
const SLOW_CLIENTS = 4;

const columns: readonly Column[] = [
  { key: 'p50Ms', title: 'p50 ms', better: 'lower', decimals: 1 },
  { key: 'p95Ms', title: 'p95 ms', better: 'lower', decimals: 1 },
  { key: 'p99Ms', title: 'p99 ms', better: 'lower', decimals: 1, target: 1.1 },
  { key: 'failed', title: 'failed', better: 'lower', decimals: 0 },
];

/** One request of a hundred takes half a second: the others should not wait behind it. */
async function round({ port }: Server, seconds: number): Promise<Figures> {
  const { latenciesMs, failed } = await steadyLoad({
    port,
    perSecond: PER_SECOND,
    seconds,
    path: (index) => (index % SLOW_EVERY === SLOW_EVERY / 2 ? '/slow' : '/'),
  });
  return {
    p50Ms: percentile(latenciesMs, 0.5),
    p95Ms: percentile(latenciesMs, 0.95),
    p99Ms: percentile(latenciesMs, 0.99),
    failed,
  };
}

export const mixedLatency: Row = {
  name: 'mixed-latency',
  title: `2 processes, ${PER_SECOND} requests/s with a new connection each, 1 % of them take 500 ms`,
  contestants: plainApp({ processes: 2 }),
  columns,
  round,
};

export const slowClients: Row = {
  name: 'slow-clients',
  title: `the same beside ${SLOW_CLIENTS} clients that send a body at 1 KB/s`,
  contestants: plainApp({ processes: 2 }),
  columns,
  round: async (server, seconds) => {
    using _slow = new SlowClients(server.port, SLOW_CLIENTS);
    return await round(server, seconds);
  },
};
