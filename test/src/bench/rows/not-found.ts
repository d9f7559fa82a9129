import { loadColumns, loadRound } from '../app-load.ts';
import { appServers } from '../contestants.ts';
import { missingPath, nginxFiles, ourFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const file = { bytes: 1000 };
const app = { module: 'not_found', options: ['--check-static', 'static'], status: 404 };
const columns = [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.p99Ms];
const round: Row['round'] = (server, seconds) =>
  loadRound(server, { connections: 32, seconds, path: missingPath, expectsErrors: true });

/** Where static files are looked for first, the app has the last word about what is not there; nginx has no app to ask. */
export const notFound: Row = {
  name: 'not-found',
  title: '404 for a file that is not there, 32 keep-alive connections',
  contestants: [...appServers(app), nginxFiles(file)],
  columns,
  round,
};

/** Nobody has an app to ask. */
export const notFoundWithoutApp: Row = {
  name: 'not-found-files',
  title: '404 for a file that is not there, from an instance of files only, 32 keep-alive connections',
  contestants: [ourFiles('http-socket', file), nginxFiles(file)],
  columns,
  round,
};
