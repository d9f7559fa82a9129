import type { LeaveReason, WorkerProcess } from './worker-process.ts';
import type { WorkerExit } from './zygote-keeper.ts';

/** What the log says when a worker has gone (UWSGI-FACTS 9.1 to 9.5). */

/** It died: nobody had told it to go. @param exit undefined when nobody knows how it ended */
export function describeDeath({ id, pid }: WorkerProcess, exit: WorkerExit | undefined): string {
  const how = exit !== undefined && exit.signal > 0 ? `, killed by signal ${exit.signal}` : '';
  return `DAMN ! worker ${id} (pid: ${pid}) died${how} :( trying respawn ...`;
}

/** It left as it was told. @param stopMs how long the stop of the pool has lasted */
export function describeLeave({ id, pid }: WorkerProcess, reason: LeaveReason, stopMs: number): string[] {
  if (reason === 'stopped') return [`worker ${id} buried after ${Math.ceil(stopMs / 1000)} seconds`];
  if (reason === 'hibernated') return [];
  const lines = [`worker ${id} killed successfully (pid: ${pid})`];
  if (reason === 'cheaped') lines.push(`uWSGI worker ${id} cheaped.`);
  return lines;
}
