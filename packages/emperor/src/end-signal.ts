import type { Emperor } from './emperor.ts';

/** Why and how an emperor is to end. */
export interface EndRequest {
  readonly reason: string;
  readonly how: EndKind;
}

/**
 * `stop`: all vassals end. `leave`: those that can go on without an emperor do. `upgrade`: they do as well, and the next emperor takes
 * over in the same process.
 */
export type EndKind = 'stop' | 'leave' | 'upgrade';

const STOPPING = ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/**
 * Obeys signals as uWSGI's emperor does (UWSGI-FACTS 13.8), and ends with the one that asks to end: SIGHUP reloads every
 * vassal, SIGURG gives those that were throttled another try, SIGUSR1 has the log say how each one is. SIGUSR2 is our own: the
 * emperor leaves without its vassals.
 */
export function untilEndSignal(emperor: Emperor): Promise<EndRequest> {
  process.on('SIGHUP', (signal) => emperor.reload(signal));
  process.on('SIGURG', () => emperor.forgive());
  process.on('SIGUSR1', () => emperor.tellStatistics());
  return new Promise((resolve) => {
    for (const reason of STOPPING) process.on(reason, () => resolve({ reason, how: 'stop' }));
    process.on('SIGUSR2', (reason) => resolve({ reason, how: 'leave' }));
  });
}
