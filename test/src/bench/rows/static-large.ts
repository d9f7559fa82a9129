import { timesBest } from '../asks.ts';
import { loadColumns, loadRound } from '../app-load.ts';
import { filePath, nginxFiles, ourFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const file = { bytes: 100_000_000 };

/** One request is 100 MB: requests per second times 100 are MB per second. */
export const staticLarge: Row = {
  name: 'static-large',
  title: 'a static file of 100 MB, http-socket, 2 keep-alive connections',
  contestants: [ourFiles('http-socket', file), nginxFiles(file)],
  columns: [
    { ...loadColumns.requestsPerSecond, asks: [timesBest(0.9)], decimals: 1 },
    loadColumns.cpuMicroseconds,
    loadColumns.loadMegabytes,
  ],
  round: (server, seconds) => loadRound(server, { connections: 2, seconds, path: filePath }),
};
