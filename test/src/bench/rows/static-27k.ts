import { times } from '../asks.ts';
import { loadColumns, loadRound } from '../app-load.ts';
import { filePath, nginxFiles, ourFiles, uwsgiFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const file = { bytes: 27_000 };

/** The router of uWSGI waits 44 ms for each file on a connection that is kept open: it writes head and body apart, without TCP_NODELAY. */
export const static27k: Row = {
  name: 'static-27k',
  title: 'a static file of 27 KB through http, 32 keep-alive connections',
  contestants: [ourFiles('http', file), nginxFiles(file), uwsgiFiles(file)],
  columns: [
    { ...loadColumns.requestsPerSecond, asks: [times(25, 'uWSGI router'), times(0.9, 'nginx')] },
    loadColumns.cpuMicroseconds,
    loadColumns.p99Ms,
  ],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds, path: filePath }),
};
