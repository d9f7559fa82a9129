import type { LoadedApp } from './zygote-messages.ts';

/** Work done by a worker process, or by all processes a worker has been. */
export interface WorkCounts {
  /** Requests answered. */
  readonly requests: number;
  /** Requests in which the app failed. */
  readonly exceptions: number;
  /** Microseconds spent in the app. */
  readonly runningTimeUs: number;
  /** Bytes of answers, heads included. */
  readonly txBytes: number;
}

export const NO_WORK: WorkCounts = { requests: 0, exceptions: 0, runningTimeUs: 0, txBytes: 0 };

export function addWork(a: WorkCounts, b: WorkCounts): WorkCounts {
  return {
    requests: a.requests + b.requests,
    exceptions: a.exceptions + b.exceptions,
    runningTimeUs: a.runningTimeUs + b.runningTimeUs,
    txBytes: a.txBytes + b.txBytes,
  };
}

/** An app in a worker. */
export interface WorkerAppInfo {
  readonly id: number;
  readonly mountpoint: string;
  /** Seconds it took to load. */
  readonly seconds: number;
  readonly requests: number;
  readonly exceptions: number;
}

/** A thread of a worker. */
export interface CoreInfo {
  readonly id: number;
  readonly requests: number;
  readonly exceptions: number;
  /** Answers that their clients did not wait for. */
  readonly writeErrors: number;
  /** What it works on. With several threads it is not known which of them has which request. */
  readonly request: RunningRequest | undefined;
}

/** A request as statistics show it. */
export interface RunningRequest {
  /** Name, value, name, value, … */
  readonly variables: readonly string[];
  /** Unix seconds. */
  readonly startedAt: number;
}

/** One worker as statistics show it (uWSGI's stats server, `uwsgi.workers()`). */
export interface WorkerInfo extends WorkCounts {
  readonly id: number;
  /** 0 while there is no process. */
  readonly pid: number;
  readonly status: 'idle' | 'busy' | 'cheap' | 'pause';
  readonly accepting: boolean;
  /** Requests answered by the current process. */
  readonly deltaRequests: number;
  /** Requests it has now. */
  readonly inFlight: number;
  /** How many processes it has been, the present one included (as uWSGI counts). */
  readonly respawnCount: number;
  readonly harakiriCount: number;
  /** Time of a request in the app in microseconds: each counts as much as all before it (as in uWSGI). */
  readonly averageUs: number;
  /** Unix seconds. */
  readonly lastSpawn: number;
  /** 0 where unknown. */
  readonly rssBytes: number;
  readonly vszBytes: number;
  readonly apps: readonly WorkerAppInfo[];
  readonly cores: readonly CoreInfo[];
}

/** What is the same for all workers. */
export interface PoolFacts {
  readonly threads: number;
  readonly apps: readonly LoadedApp[];
  /** No request is sent to workers at the moment. */
  readonly isPaused: boolean;
}
