import { loadColumns, loadRound } from '../app-load.ts';
import { appServers } from '../contestants.ts';
import { missingPath, nginxFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const app = { module: 'not_found', options: ['--check-static', 'static'], status: 404 };

/** Where static files are looked for first, the app has the last word about what is not there; nginx has no app to ask. */
export const notFound: Row = {
  name: 'not-found',
  title: '404 for a file that is not there, 32 keep-alive connections',
  contestants: [...appServers(app), nginxFiles({ bytes: 1000 })],
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.p99Ms],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds, path: missingPath, expectsErrors: true }),
};
