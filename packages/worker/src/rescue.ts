import type { AppRequest } from './app-request.ts';
import type { Progress } from './progress-board.ts';

/** Methods that may be run twice: they change nothing (RFC 9110 section 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export interface Triage {
  /** For another worker. */
  readonly repeatable: readonly AppRequest[];
  readonly lost: readonly AppRequest[];
}

/**
 * What becomes of the requests that were in a worker when it died:
 *
 * - it ran them: lost, since one of them may have killed it;
 * - it had not begun them: another worker does;
 * - it had finished them and the answers died with it: another worker repeats them where that changes nothing.
 *
 * @param unanswered in the order in which they were sent, which is the order in which a worker begins them
 * @param progress undefined when nothing is known: then the first, one per thread, count as running
 */
export function triage(unanswered: readonly AppRequest[], progress: Progress | undefined, threads: number): Triage {
  const lastBegun = progress === undefined ? unanswered.length - 1 : findLastBegun(unanswered, progress);
  const repeatable: AppRequest[] = [];
  const lost: AppRequest[] = [];
  unanswered.forEach((request, index) => {
    const wasRunning = progress === undefined ? index < threads : progress.running.has(request.stream);
    const mayRepeat = index > lastBegun || isSafe(request);
    if (wasRunning || request.begun || !mayRepeat) lost.push(request);
    else repeatable.push(request);
  });
  return { repeatable, lost };
}

function findLastBegun(unanswered: readonly AppRequest[], progress: Progress): number {
  return unanswered.findLastIndex(({ stream }) => progress.begun.has(stream));
}

function isSafe(request: AppRequest): boolean {
  return SAFE_METHODS.has(request.exchange.variables.get('REQUEST_METHOD') ?? '');
}
