import type * as Http from 'node:http';

/*
 * `import { createServer } from 'node:http'` reads every name that the module exports, and some of these load a whole HTTP client
 * when they are read: 6 MB of private memory and 50 ms, for nothing that an emperor does.
 */
const http = process.getBuiltinModule('node:http');

export const createServer: typeof Http.createServer = http.createServer;
export const request: typeof Http.request = http.request;
