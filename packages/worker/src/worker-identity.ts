import type { WorkerCounters } from './worker-counters.ts';

/** Who a worker process is. */
export interface WorkerIdentity {
  /** Number of the worker, from 1: that of its predecessor when it replaces one. */
  readonly id: number;
  /** Number of the process, never used twice. */
  readonly serial: number;
  /** Its region of the progress board. */
  readonly board: number;
  readonly startedAtMs: number;
  /** The counters of the process before it in the same place. */
  readonly predecessor?: WorkerCounters | undefined;
}
