import type { AnyRow } from '../row.ts';
import { appClose } from './app-close.ts';
import { appKeepalive } from './app-keepalive.ts';
import { appLogged } from './app-logged.ts';
import { appPipelined } from './app-pipelined.ts';
import { cacheGet } from './cache-get.ts';
import { cachedPage } from './cached-page.ts';
import { compression } from './compression.ts';
import { app1, app512 } from './connections.ts';
import { emperor1000 } from './emperor-1000.ts';
import { emperorStart } from './emperor-start.ts';
import { evenLatency, slowClients } from './even-latency.ts';
import { django, flask } from './frameworks.ts';
import { http2 } from './http2.ts';
import { httpsClose, httpsHandshakes, httpsKeepalive } from './https.ts';
import { idle } from './idle.ts';
import { idleConnections } from './idle-connections.ts';
import { iniDropped } from './ini-dropped.ts';
import { jobs } from './jobs.ts';
import { killedWorker } from './killed-worker.ts';
import { mixedLatency } from './mixed-latency.ts';
import { million } from './million.ts';
import { nginxSocket } from './nginx-socket.ts';
import { notFound, notFoundWithoutApp } from './not-found.ts';
import { post1k, post1m } from './posts.ts';
import { reload } from './reload.ts';
import { reloadGap } from './reload-gap.ts';
import { routerApp } from './router-app.ts';
import { start } from './start.ts';
import { static27k } from './static-27k.ts';
import { staticLarge } from './static-large.ts';
import { staticSmall } from './static-small.ts';
import { streaming } from './streaming.ts';
import { vassals } from './vassals.ts';

/** Every row, in the order they run: those of DESIGN section 6 first. */
export const rows: readonly AnyRow[] = [
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
  httpsHandshakes,
  http2,
  notFound,
  notFoundWithoutApp,
  compression,
  cacheGet,
  cachedPage,
  jobs,
  mixedLatency,
  evenLatency,
  slowClients,
  reloadGap,
  reload,
  killedWorker,
  start,
  iniDropped,
  emperorStart,
  ...vassals,
  emperor1000,
  million,
  idle,
  idleConnections,
];
