import { timesBest } from '../asks.ts';
import { loadColumns, loadRound, memoryAtRest } from '../app-load.ts';
import { filePath, nginxFiles, ourFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const file = { bytes: 1000 };

export const staticSmall: Row = {
  name: 'static-small',
  title: 'a static file of 1 KB, http-socket, 32 keep-alive connections, one process',
  contestants: [ourFiles('http-socket', file), nginxFiles(file)],
  columns: [
    loadColumns.requestsPerSecond,
    { ...loadColumns.cpuMicroseconds, asks: [timesBest(1)] },
    loadColumns.p99Ms,
    loadColumns.restMegabytes,
    loadColumns.loadMegabytes,
  ],
  atRest: memoryAtRest,
  round: (server, seconds) => loadRound(server, { connections: 32, seconds, path: filePath }),
};
