import { createRequire } from 'node:module';

import type { OptionName } from '@emperor/config';

import type { ServiceKind } from './service.ts';
import { SIGNALS } from './signals/signals.ts';

const require = createRequire(import.meta.url);

/** Every kind there is, in the order in which they begin; they end in the reverse order. */
export const KINDS: readonly ServiceKind[] = [
  whenAsked(
    'metrics',
    ['enable-metrics', 'metric', 'metrics-dir'],
    () => (require('./metrics/metrics-service.js') as typeof import('./metrics/metrics-service.ts')).METRICS,
  ),
  whenAsked('caches', ['cache', 'cache2'], () => (require('./caches.js') as typeof import('./caches.ts')).CACHES),
  whenAsked('queue', ['queue'], () => (require('./queue/queue.js') as typeof import('./queue/queue.ts')).QUEUE),
  // Apps may register signals without any option.
  SIGNALS,
  whenAsked(
    'spoolers',
    ['spooler', 'spooler-external'],
    () => (require('./jobs/spoolers.js') as typeof import('./jobs/spoolers.ts')).SPOOLERS,
  ),
  whenAsked(
    'mules',
    ['mule', 'mules', 'farm'],
    () => (require('./mules/mules.js') as typeof import('./mules/mules.ts')).MULES,
  ),
  whenAsked(
    'crons',
    ['cron', 'cron2', 'unique-cron'],
    () => (require('./cron/crons.js') as typeof import('./cron/crons.ts')).CRONS,
  ),
  whenAsked(
    'daemons',
    ['attach-daemon', 'attach-control-daemon', 'attach-daemon2', 'smart-attach-daemon', 'smart-attach-daemon2'],
    () => (require('./daemons/daemons.js') as typeof import('./daemons/daemons.ts')).DAEMONS,
  ),
  whenAsked(
    'executed-workers',
    ['worker-exec'],
    () =>
      (require('./executed/executed-workers.js') as typeof import('./executed/executed-workers.ts')).EXECUTED_WORKERS,
  ),
  whenAsked(
    'http-router',
    ['http-to', 'http-subscription-server', 'http-stats', 'http-processes'],
    () => (require('./router-service.js') as typeof import('./router-service.ts')).ROUTER,
  ),
  whenAsked(
    'subscriber',
    ['subscribe-to', 'subscribe2'],
    () => (require('./subscriber-service.js') as typeof import('./subscriber-service.ts')).SUBSCRIBER,
  ),
  whenAsked(
    'reinforcements',
    ['vassal-sos', 'vassal-sos-backlog'],
    () => (require('./reinforcements.js') as typeof import('./reinforcements.ts')).REINFORCEMENTS,
  ),
];

/** A kind whose code is loaded only where one of its options is used: most instances have none of these services. */
function whenAsked(name: string, options: readonly OptionName[], load: () => ServiceKind): ServiceKind {
  return {
    name,
    create(config, context, predecessor) {
      // One that runs already may have to hand over, or to end what it has started.
      const isAsked = predecessor !== undefined || options.some((option) => config.originOf(option) !== undefined);
      return isAsked ? load().create(config, context, predecessor) : undefined;
    },
  };
}
