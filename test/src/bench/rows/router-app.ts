import { times } from '../asks.ts';
import { loadColumns, loadRound } from '../app-load.ts';
import { behindNginx, behindRouter } from '../front-contestants.ts';
import type { Row } from '../row.ts';

/** The tutorial's two instances: a router, and an app server behind it. */
export const routerApp: Row = {
  name: 'router-app',
  title: 'a router in front of an app server over TCP, 32 keep-alive connections',
  contestants: [behindRouter('ours', 'tcp'), behindRouter('uWSGI', 'tcp'), behindNginx('uWSGI', 'tcp')],
  columns: [
    { ...loadColumns.requestsPerSecond, asks: [times(2, 'uWSGI -> uWSGI'), times(1, 'nginx -> uWSGI')] },
    loadColumns.cpuMicroseconds,
    loadColumns.p99Ms,
  ],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds }),
};
