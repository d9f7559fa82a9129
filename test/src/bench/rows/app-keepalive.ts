import { loadColumns, loadRound, memoryAtRest } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Row } from '../row.ts';

/** uWSGI's http-socket and gunicorn's sync workers close after every answer, whatever the client asks for: that is what their users get. */
export const appKeepalive: Row = {
  name: 'app-keepalive',
  title: 'the tutorial’s app, http-socket, 2 processes, 32 keep-alive connections',
  contestants: tutorialApp,
  columns: [
    { ...loadColumns.requestsPerSecond, target: 3.5 },
    { ...loadColumns.cpuMicroseconds, target: 0.45 },
    loadColumns.p99Ms,
    { ...loadColumns.restMegabytes, limit: 30 },
    { ...loadColumns.loadMegabytes, limit: 40 },
  ],
  atRest: memoryAtRest,
  round: (server, seconds) => loadRound(server, { connections: 32, seconds }),
};
