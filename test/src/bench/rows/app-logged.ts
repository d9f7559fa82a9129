import { loadColumns, loadRound } from '../app-load.ts';
import { appServers } from '../contestants.ts';
import type { Row } from '../row.ts';

/** Beside `app-keepalive`, which is the same without a log: the price of a line for every request. */
export const appLogged: Row = {
  name: 'app-logged',
  title: 'the tutorial’s app with a request log in a file, 32 connections',
  contestants: appServers({ logs: true }),
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.p99Ms],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds }),
};
