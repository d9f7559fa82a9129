import { timesBest } from '../asks.ts';
import { loadColumns, loadRound } from '../app-load.ts';
import { behindNginx } from '../front-contestants.ts';
import type { Row } from '../row.ts';

export const nginxSocket: Row = {
  name: 'nginx-socket',
  title: 'nginx in front of socket on a UNIX socket, the tutorial’s app, 32 keep-alive connections',
  contestants: [behindNginx('ours', 'unix'), behindNginx('uWSGI', 'unix')],
  columns: [
    { ...loadColumns.requestsPerSecond, asks: [timesBest(1.2)] },
    loadColumns.cpuMicroseconds,
    loadColumns.p99Ms,
  ],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds }),
};
