import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { cpuMsOf, loadColumns, loadRound } from '../app-load.ts';
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

/** One client after the other, as fast as the server's side of a handshake goes; `openssl s_time -new` resumes nothing. */
export const httpsHandshakes: Row = {
  name: 'https-handshakes',
  title: 'HTTPS, full handshakes one after the other, a request on each',
  contestants: secureApps,
  columns: [
    { ...loadColumns.requestsPerSecond, title: 'handshakes/s' },
    { ...loadColumns.cpuMicroseconds, title: 'CPU µs/handshake' },
  ],
  round: async (server, seconds) => {
    const cpuBefore = cpuMsOf(server);
    const address = `127.0.0.1:${server.port}`;
    const { stdout } = await promisify(execFile)('openssl', [
      's_time',
      '-new',
      '-www',
      '/',
      '-connect',
      address,
      '-time',
      String(seconds),
    ]);
    const [, count = '', passed = ''] = /^(\d+) connections in (\d+) real seconds/m.exec(stdout) ?? [];
    if (!(Number(count) > 0)) throw new Error(`openssl s_time made no connection:\n${stdout}`);
    return {
      requestsPerSecond: Number(count) / Number(passed),
      cpuMicroseconds: ((cpuMsOf(server) - cpuBefore) * 1000) / Number(count),
    };
  },
};
