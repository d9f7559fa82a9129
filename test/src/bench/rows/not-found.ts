import { loadColumns, loadRound } from '../app-load.ts';
import { missingPath, nginxFiles, ourFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const file = { bytes: 1000 };

export const notFound: Row = {
  name: 'not-found',
  title: '404 for a file that is not there, 32 keep-alive connections',
  contestants: [ourFiles('http-socket', file), nginxFiles(file)],
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.p99Ms],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds, path: missingPath, expectsErrors: true }),
};
