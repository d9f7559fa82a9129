import type { Job } from 'bullmq';

/** Names the queue on its server: keys begin with `emperor:jobs:`. */
export const QUEUE_PREFIX = 'emperor';
export const QUEUE_NAME = 'jobs';

/** What is kept of a job on the server, as JSON. Its body lies beside it, see `JobBodies`. */
export interface RemoteJobData {
  /** Keys and values, in base64. */
  readonly vars: readonly (readonly [key: string, value: string])[];
  /** Only when it has a body. */
  readonly bodyBytes?: number;
  readonly priority?: number;
  /** Processes it had cost when an operator had it run again: those do not count any more. */
  readonly forgiven?: number;
}

export type RemoteJob = Job<RemoteJobData, void>;

/** Attempts that are on record: those that failed, and those that ended with their process. */
export function attemptsOf({ attemptsMade, stalledCounter, data }: RemoteJob): number {
  return attemptsMade + Math.max(0, stalledCounter - (data.forgiven ?? 0));
}

/** BullMQ runs jobs without a priority first, uWSGI last: so each gets one. */
const LEAST_URGENT = 2 ** 21 - 1;

/** @param priority lower ones first; undefined: after all others */
export function queuePriority(priority: number | undefined): number {
  return priority === undefined ? LEAST_URGENT : Math.min(Math.max(priority, 0) + 1, LEAST_URGENT - 1);
}
