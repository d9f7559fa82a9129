import type { Row } from '../row.ts';
import { appClose } from './app-close.ts';
import { appKeepalive } from './app-keepalive.ts';
import { appLogged } from './app-logged.ts';
import { appPipelined } from './app-pipelined.ts';
import { cacheGet } from './cache-get.ts';
import { cachedPage } from './cached-page.ts';
import { compression } from './compression.ts';
import { app1, app512 } from './connections.ts';
import { django, flask } from './frameworks.ts';
import { httpsClose, httpsKeepalive } from './https.ts';
import { idleConnections } from './idle-connections.ts';
import { jobs } from './jobs.ts';
import { killedWorker } from './killed-worker.ts';
import { mixedLatency, slowClients } from './mixed-latency.ts';
import { nginxSocket } from './nginx-socket.ts';
import { post1k, post1m } from './posts.ts';
import { reloadGap } from './reload-gap.ts';
import { routerApp } from './router-app.ts';
import { static27k } from './static-27k.ts';
import { staticLarge } from './static-large.ts';
import { staticSmall } from './static-small.ts';
import { streaming } from './streaming.ts';

/** Every row, in the order they run: those of DESIGN section 6 first. */
export const rows: readonly Row[] = [
  appKeepalive,
  appClose,
  nginxSocket,
  staticSmall,
  static27k,
  staticLarge,
  routerApp,
  app1,
  app512,
  appPipelined,
  appLogged,
  post1k,
  post1m,
  streaming,
  flask,
  django,
  httpsKeepalive,
  httpsClose,
  compression,
  cacheGet,
  cachedPage,
  jobs,
  mixedLatency,
  slowClients,
  reloadGap,
  killedWorker,
  idleConnections,
];
