/** What a process has said about a job. */
export interface JobOutcome {
  /** What the app's function returned, when that was one of uWSGI's three numbers. */
  readonly result: number | undefined;
  /** In words what was wrong. */
  readonly problem: string;
}

export const PROCESS_DIED: JobOutcome = { result: undefined, problem: 'its process died' };

/** As in emperor_worker/job_runner.py. */
const SPOOL_OK = -2;
const SPOOL_RETRY = -1;
const SPOOL_IGNORE = 0;

const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 600_000;

/** What becomes of a job. */
export type Verdict =
  | { readonly kind: 'done' }
  /** It is not its fault: that was no attempt. */
  | { readonly kind: 'again'; readonly atOnce: boolean }
  | { readonly kind: 'failed'; readonly problem: string };

/** @param isLeaving the instance ends, and has ended processes that took too long for that */
export function judge(outcome: JobOutcome, isLeaving: boolean): Verdict {
  switch (outcome.result) {
    case SPOOL_OK:
      return { kind: 'done' };
    case SPOOL_RETRY:
    case SPOOL_IGNORE:
      return { kind: 'again', atOnce: false };
    default:
      if (isLeaving && outcome === PROCESS_DIED) return { kind: 'again', atOnce: true };
      return { kind: 'failed', problem: outcome.problem };
  }
}

/** Pause after so many attempts that failed. */
export function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
}
