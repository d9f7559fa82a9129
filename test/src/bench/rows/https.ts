import { loadColumns, loadRound } from '../app-load.ts';
import { secureApps } from '../front-contestants.ts';
import type { Row } from '../row.ts';

export const httpsKeepalive: Row = {
  name: 'https',
  title: 'HTTPS, the tutorial’s app, 32 keep-alive connections',
  contestants: secureApps,
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.p99Ms, loadColumns.loadMegabytes],
  round: (server, seconds) => loadRound(server, { connections: 32, seconds }),
};

/** wrk resumes the session of its first handshake. */
export const httpsClose: Row = {
  name: 'https-close',
  title: 'HTTPS, the tutorial’s app, 16 clients with a new connection for each request',
  contestants: secureApps,
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds],
  round: (server, seconds) => loadRound(server, { connections: 16, seconds, headers: { Connection: 'close' } }),
};
