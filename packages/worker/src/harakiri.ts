import type { AppRequest } from './app-request.ts';
import type { Progress } from './progress-board.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A request that has run for too long. */
export interface StuckRequest {
  readonly request: AppRequest;
  /** Thread it runs on, as far as can be told from outside. */
  readonly core: number;
  /** When it began, by `performance.now()`. */
  readonly sinceMs: number;
}

/**
 * The requests of one worker that run for longer than allowed.
 * @param progress what the worker has noted; undefined when nothing is known: then the first, one per thread, count as running
 */
export function findStuck(
  worker: WorkerProcess,
  progress: Progress | undefined,
  { threads, limitMs }: { readonly threads: number; readonly limitMs: number },
  nowMs: number,
): StuckRequest[] {
  const stuck: StuckRequest[] = [];
  let core = 0;
  for (const request of worker.requests) {
    if (core === threads) break;
    if (progress !== undefined && !progress.running.has(request.stream)) continue;
    // One that waited behind others in a single-threaded worker began when the last of those was answered.
    const sinceMs = threads === 1 ? Math.max(request.dispatchedAtMs, worker.lastServedAtMs) : request.dispatchedAtMs;
    const isOver = nowMs - sinceMs >= limitMs || nowMs >= (request.userDeadlineMs ?? Infinity);
    if (isOver) stuck.push({ request, core, sinceMs });
    core++;
  }
  return stuck;
}

/** The lines of uWSGI about it (UWSGI-FACTS 7.13). */
export function describeHarakiri(worker: WorkerProcess, stuck: readonly StuckRequest[], nowMs: number): string[] {
  const requests = stuck.map(({ request, core, sinceMs }) => {
    const { variables } = request.exchange;
    const [address, method, uri] = ['REMOTE_ADDR', 'REQUEST_METHOD', 'REQUEST_URI'].map(
      (name) => variables.get(name) ?? '',
    );
    const since = Math.floor((Date.now() - (nowMs - sinceMs)) / 1000);
    return `HARAKIRI [core ${core}] ${address} - ${method} ${uri} since ${since}`;
  });
  return [
    `*** HARAKIRI ON WORKER ${worker.id} (pid: ${worker.pid}, try: 1) ***`,
    `HARAKIRI !!! worker ${worker.id} status !!!`,
    ...requests,
    `HARAKIRI !!! end of worker ${worker.id} status !!!`,
  ];
}
