import { loadColumns, loadRound } from '../app-load.ts';
import { appServers } from '../contestants.ts';
import type { Row } from '../row.ts';

/** One request is 100 MB in items of 64 KB: requests per second times 100 are MB per second. */
export const streaming: Row = {
  name: 'streaming',
  title: '100 MB streamed by the app from a generator, 2 connections',
  contestants: appServers({ module: 'hundred_megabytes' }),
  columns: [{ ...loadColumns.requestsPerSecond, decimals: 2 }, loadColumns.cpuMicroseconds, loadColumns.loadMegabytes],
  round: (server, seconds) => loadRound(server, { connections: 2, seconds, path: '/stream' }),
};
