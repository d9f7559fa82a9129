import type { AppRequest } from './app-request.ts';
import { memoryUsage } from './memory-usage.ts';
import { RespawnThrottle } from './respawn-throttle.ts';
import {
  addWork,
  type CoreInfo,
  NO_WORK,
  type PoolFacts,
  type RunningRequest,
  type WorkCounts,
  type WorkerInfo,
} from './worker-info.ts';
import type { WorkerCounters } from './worker-counters.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The place of one worker: outlives the processes that fill it. */
export class Slot {
  readonly id: number;
  readonly throttle: RespawnThrottle;
  current: WorkerProcess | undefined;
  /** A process is to be started later. */
  pendingSpawn: NodeJS.Timeout | undefined;
  /** Not wanted at the moment (cheaper). */
  cheaped: boolean;
  /** The next process follows one that ended, and is announced so. */
  isRespawn = false;
  harakiriCount = 0;
  /** Of the present process, or of the last one. */
  counters: WorkerCounters | undefined;
  #spawns = 0;
  #lastSpawn = 0;
  /** Of processes that are gone. */
  #pastWork: WorkCounts = NO_WORK;

  /** @param longestDelaySeconds between the death of a process and its successor */
  constructor(id: number, cheaped: boolean, longestDelaySeconds: number | undefined) {
    this.throttle = new RespawnThrottle(longestDelaySeconds === undefined ? undefined : longestDelaySeconds * 1000);
    this.id = id;
    this.cheaped = cheaped;
  }

  occupy(worker: WorkerProcess): void {
    this.current = worker;
    this.counters = worker.counters;
    this.pendingSpawn = undefined;
    this.#spawns++;
    this.#lastSpawn = Math.floor(Date.now() / 1000);
  }

  /** The process is gone, whether it was the current one or a predecessor that took its time. */
  leave(worker: WorkerProcess): void {
    this.#pastWork = addWork(this.#pastWork, worker.counters.work);
    if (this.current === worker) this.current = undefined;
  }

  get work(): WorkCounts {
    return this.current === undefined ? this.#pastWork : addWork(this.#pastWork, this.current.counters.work);
  }

  describe({ threads, apps, isPaused }: PoolFacts): WorkerInfo {
    const { current, work } = this;
    const inFlight = current?.inFlight ?? 0;
    const memory = current === undefined ? undefined : memoryUsage(current.pid);
    return {
      ...work,
      id: this.id,
      pid: current?.pid ?? 0,
      status: this.cheaped ? 'cheap' : isPaused ? 'pause' : inFlight > 0 ? 'busy' : 'idle',
      accepting: current?.state === 'ready',
      deltaRequests: current?.counters.work.requests ?? 0,
      inFlight,
      respawnCount: this.#spawns,
      harakiriCount: this.harakiriCount,
      averageUs: Math.trunc(this.counters?.averageUs ?? 0),
      lastSpawn: this.#lastSpawn,
      rssBytes: memory?.rss ?? 0,
      vszBytes: memory?.vsz ?? 0,
      apps: apps.map(({ id, mountpoint, seconds }) => ({
        id,
        mountpoint,
        seconds,
        requests: this.counters?.appRequests[id] ?? 0,
        exceptions: this.counters?.appExceptions[id] ?? 0,
      })),
      cores: this.#describeCores(threads),
    };
  }

  #describeCores(threads: number): CoreInfo[] {
    const { current, counters } = this;
    const running = Array.from(current?.requests ?? []);
    return Array.from({ length: threads }, (_, id) => ({
      id,
      requests: counters?.coreRequests[id] ?? 0,
      exceptions: counters?.coreExceptions[id] ?? 0,
      writeErrors: counters?.coreWriteErrors[id] ?? 0,
      request: describeRequest(running[id]),
    }));
  }
}

function describeRequest(request: AppRequest | undefined): RunningRequest | undefined {
  if (request === undefined) return undefined;
  const startedAt = Math.floor((performance.timeOrigin + request.dispatchedAtMs) / 1000);
  return { variables: request.exchange.variables.list, startedAt };
}
