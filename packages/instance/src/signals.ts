import type { Instance } from './instance.ts';

/** uWSGI's table of signals (UWSGI-FACTS 9.1), except that TERM drains and exits (DESIGN 4.11). */
export function obeySignals(instance: Instance): void {
  process.on('SIGINT', () => void instance.stop('cut'));
  process.on('SIGQUIT', () => void instance.stop('cut'));
  process.on('SIGTERM', () => void instance.stop('drain'));
  process.on('SIGHUP', () => void instance.reload());
  process.on('SIGUSR1', () => instance.workers.logStatistics());
  process.on('SIGUSR2', () => instance.workers.logStacks());
  process.on('SIGTSTP', () => instance.workers.togglePause());
}
