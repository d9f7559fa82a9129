import type { Exchange, ExchangeRecord } from '@emperor/http';

import { NO_WORK, type WorkCounts } from './worker-info.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What one worker process has done; by app and by thread, what its predecessors in the same place have done too (as in uWSGI). */
export class WorkerCounters {
  readonly work: Mutable<WorkCounts> = { ...NO_WORK };
  /** By number of the app. */
  readonly appRequests: number[];
  readonly appExceptions: number[];
  /** By number of the thread. */
  readonly coreRequests: number[];
  readonly coreExceptions: number[];
  readonly coreWriteErrors: number[];
  averageUs: number;

  constructor(predecessor?: WorkerCounters) {
    this.appRequests = [...(predecessor?.appRequests ?? [])];
    this.appExceptions = [...(predecessor?.appExceptions ?? [])];
    this.coreRequests = [...(predecessor?.coreRequests ?? [])];
    this.coreExceptions = [...(predecessor?.coreExceptions ?? [])];
    this.coreWriteErrors = [...(predecessor?.coreWriteErrors ?? [])];
    this.averageUs = predecessor?.averageUs ?? 0;
  }

  /** @returns how many requests the app has had in this worker, or -1 when none was called */
  answered({
    app,
    core,
    serviceUs,
  }: {
    readonly app: number;
    readonly core: number;
    readonly serviceUs: number;
  }): number {
    this.work.requests++;
    this.work.runningTimeUs += serviceUs;
    this.averageUs = (this.averageUs + serviceUs) / 2;
    increment(this.coreRequests, core);
    return app < 0 ? -1 : increment(this.appRequests, app);
  }

  /** The app raised. */
  failed({ app, core }: Pick<ExchangeRecord, 'app' | 'core'>): void {
    this.work.exceptions++;
    increment(this.coreExceptions, core);
    if (app >= 0) increment(this.appExceptions, app);
  }

  /** The answer has been handed over to the client's connection, or to nobody. */
  sent({ headBytes, bodyBytes, aborted, record }: Exchange): void {
    this.work.txBytes += headBytes + bodyBytes;
    if (aborted) increment(this.coreWriteErrors, record.core);
  }
}

function increment(counts: number[], index: number): number {
  return (counts[index] = (counts[index] ?? 0) + 1);
}
