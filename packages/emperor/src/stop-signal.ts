import type { Emperor } from './emperor.ts';

const STOPPING = ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/**
 * Obeys signals as uWSGI's emperor does (UWSGI-FACTS 13.8), and ends with the one that asks to stop: SIGHUP reloads every
 * vassal, SIGURG gives those that were throttled another try, SIGUSR1 has the log say how each one is.
 */
export function untilStopSignal(emperor: Emperor): Promise<string> {
  process.on('SIGHUP', (signal) => emperor.reload(signal));
  process.on('SIGURG', () => emperor.forgive());
  process.on('SIGUSR1', () => emperor.tellStatistics());
  return new Promise((resolve) => {
    for (const signal of STOPPING) process.on(signal, () => resolve(signal));
  });
}
