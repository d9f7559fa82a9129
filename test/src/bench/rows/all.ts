import type { Row } from '../row.ts';
import { appClose } from './app-close.ts';
import { appKeepalive } from './app-keepalive.ts';
import { cacheGet } from './cache-get.ts';
import { cachedPage } from './cached-page.ts';
import { compression } from './compression.ts';
import { jobs } from './jobs.ts';
import { killedWorker } from './killed-worker.ts';
import { mixedLatency, slowClients } from './mixed-latency.ts';
import { reloadGap } from './reload-gap.ts';
import { static27k } from './static-27k.ts';
import { staticLarge } from './static-large.ts';
import { staticSmall } from './static-small.ts';

/** Every row, in the order they run. */
export const rows: readonly Row[] = [
  appKeepalive,
  appClose,
  staticSmall,
  static27k,
  staticLarge,
  compression,
  cacheGet,
  cachedPage,
  jobs,
  mixedLatency,
  slowClients,
  reloadGap,
  killedWorker,
];
