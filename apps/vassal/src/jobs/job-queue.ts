export type JobState = 'waiting' | 'running' | 'dead';

/** A job as an operator sees it. Times are Unix times in seconds. */
export interface JobRow {
  /** Directory or server. */
  readonly place: string;
  readonly name: string;
  readonly state: JobState;
  readonly priority: number | undefined;
  readonly attempts: number;
  readonly spooled: number;
  /** Not before. */
  readonly due: number;
  readonly bytes: number;
  /** Why the last attempt failed. */
  readonly reason: string | undefined;
}

/** Keys and values of a job. */
export interface JobContent {
  readonly vars: ReadonlyMap<string, Buffer>;
  readonly body: Buffer | undefined;
}

/** The jobs of one place, for the operator. */
export interface JobQueue {
  /** All jobs: those that run, those that wait in their order, those that were given up. */
  list(): Promise<JobRow[]>;
  /** @returns undefined when there is no such job */
  content(name: string): Promise<JobContent | undefined>;
  /**
   * Has jobs that failed run again, as if for the first time, and wakes a spooler.
   * @param name a job that is given up or waits; undefined: all that are given up
   * @returns how many
   */
  retry(name: string | undefined): Promise<number>;
  /**
   * Removes jobs.
   * @param name a job that does not run; undefined: all that are given up
   * @returns how many
   */
  drop(name: string | undefined): Promise<number>;
  close(): void | Promise<void>;
}

/** Priority of jobs that have none. */
export const NO_PRIORITY: number = 2 ** 40;

/** Pairs of u32 lengths, key, value, as emperor_worker/job_store.py packs them. */
export function decodeVars(packed: Buffer): Map<string, Buffer> {
  const vars = new Map<string, Buffer>();
  for (let at = 0; at < packed.length;) {
    const keyEnd = at + 8 + packed.readUInt32LE(at);
    const valueEnd = keyEnd + packed.readUInt32LE(at + 4);
    vars.set(packed.toString('utf8', at + 8, keyEnd), packed.subarray(keyEnd, valueEnd));
    at = valueEnd;
  }
  return vars;
}
