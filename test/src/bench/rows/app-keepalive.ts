import { figure, goal, times, timesBest } from '../asks.ts';
import { loadColumns, loadRound, memoryAtRest } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Row } from '../row.ts';

/** uWSGI's http-socket and gunicorn's sync workers close after every answer, whatever the client asks for: that is what their users get. */
export const appKeepalive: Row = {
  name: 'app-keepalive',
  title: 'the tutorial’s app, http-socket, 2 processes, 32 keep-alive connections',
  contestants: tutorialApp,
  columns: [
    { ...loadColumns.requestsPerSecond, asks: [timesBest(3.5), goal(timesBest(5))] },
    { ...loadColumns.cpuMicroseconds, asks: [times(0.45, 'uWSGI')] },
    loadColumns.p99Ms,
    { ...loadColumns.restMegabytes, asks: [figure(30)] },
    loadColumns.loadMegabytes,
  ],
  atRest: memoryAtRest,
  round: (server, seconds) => loadRound(server, { connections: 32, seconds }),
};
