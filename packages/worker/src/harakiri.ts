import type { AppRequest } from './app-request.ts';

/** A request that has run for too long. */
export interface StuckRequest {
  readonly request: AppRequest;
  /** Thread it runs on, as far as can be told from outside. */
  readonly core: number;
  /** When it began, by `performance.now()`. */
  readonly sinceMs: number;
}

/**
 * The requests of one worker that run for longer than allowed. Of those sent to it the first `threads` are running; the later ones
 * of them began when the worker last finished one.
 * @param requests in the order in which they were sent
 * @param lastServedMs when the worker last answered a request
 */
export function findStuck(
  requests: Iterable<AppRequest>,
  threads: number,
  lastServedMs: number,
  limitMs: number,
  nowMs: number,
): StuckRequest[] {
  const stuck: StuckRequest[] = [];
  let core = 0;
  for (const request of requests) {
    if (core === threads) break;
    const sinceMs = threads === 1 ? Math.max(request.dispatchedAtMs, lastServedMs) : request.dispatchedAtMs;
    if (nowMs - sinceMs >= limitMs) stuck.push({ request, core, sinceMs });
    core++;
  }
  return stuck;
}
