import { cpuMsOf, loadColumns, megabytesOf } from '../app-load.ts';
import { secureApps } from '../front-contestants.ts';
import { h2load } from '../h2load.ts';
import type { Row } from '../row.ts';

export const http2: Row = {
  name: 'http2',
  title: 'HTTP/2 over TLS, the tutorial’s app, 4 connections with 8 requests in flight each',
  contestants: secureApps.map(({ name, needs, start }) => ({ name, needs: [...needs, 'h2load'], start })),
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.loadMegabytes],
  round: async (server, seconds) => {
    const cpuBefore = cpuMsOf(server);
    const { requests, requestsPerSecond } = await h2load(server, { connections: 4, streams: 8, seconds });
    const cpuMicroseconds = ((cpuMsOf(server) - cpuBefore) * 1000) / requests;
    return { requestsPerSecond, cpuMicroseconds, loadMegabytes: megabytesOf(server) };
  },
};
