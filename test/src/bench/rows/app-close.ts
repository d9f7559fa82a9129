import { times } from '../asks.ts';
import { loadColumns, loadRound, memoryAtRest } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Row } from '../row.ts';

export const appClose: Row = {
  name: 'app-close',
  title: 'the tutorial’s app, http-socket, 2 processes, 32 clients with a new connection for each request',
  contestants: tutorialApp,
  columns: [
    { ...loadColumns.requestsPerSecond, asks: [times(1.3, 'uWSGI')] },
    { ...loadColumns.cpuMicroseconds, asks: [times(1, 'uWSGI')] },
    loadColumns.p99Ms,
    loadColumns.restMegabytes,
    loadColumns.loadMegabytes,
  ],
  atRest: memoryAtRest,
  round: (server, seconds) => loadRound(server, { connections: 32, seconds, headers: { Connection: 'close' } }),
};
