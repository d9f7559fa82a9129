import { timesBest } from '../asks.ts';
import { loadColumns, loadRound } from '../app-load.ts';
import { filePath, nginxFiles, ourFiles } from '../file-contestants.ts';
import type { Row } from '../row.ts';

const file = { bytes: 200_000 };
const service = { gzipLevel: 6 };

/** One request is 0.2 MB: CPU microseconds per request times 5 are microseconds per MB. */
export const compression: Row = {
  name: 'compression',
  title: '200 KB of text compressed for every request, gzip level 6, 4 keep-alive connections',
  contestants: [ourFiles('http-socket', file, service), nginxFiles(file, service)],
  columns: [
    loadColumns.requestsPerSecond,
    { ...loadColumns.cpuMicroseconds, asks: [timesBest(1.1)] },
    loadColumns.loadMegabytes,
  ],
  round: (server, seconds) =>
    loadRound(server, { connections: 4, seconds, path: filePath, headers: { 'Accept-Encoding': 'gzip' } }),
};
