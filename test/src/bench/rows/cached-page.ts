import { timesBest } from '../asks.ts';
import { loadColumns, loadRound } from '../app-load.ts';
import { cachedPages } from '../cache-contestants.ts';
import type { Row } from '../row.ts';

export const cachedPage: Row = {
  name: 'cached-page',
  title: 'a page of 1 KB from the cache beside a file of 1 KB, 32 keep-alive connections',
  contestants: cachedPages,
  columns: [
    loadColumns.requestsPerSecond,
    { ...loadColumns.cpuMicroseconds, asks: [timesBest(1.3)] },
    loadColumns.p99Ms,
  ],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds, path: '/page.html' }),
};
