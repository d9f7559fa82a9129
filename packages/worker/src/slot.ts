import { RespawnThrottle } from './respawn-throttle.ts';
import type { WorkerProcess } from './worker-process.ts';

/** One worker as statistics show it (uWSGI's stats server, `uwsgi.workers()`). */
export interface WorkerInfo {
  readonly id: number;
  /** 0 while there is no process. */
  readonly pid: number;
  readonly status: 'idle' | 'busy' | 'cheap';
  readonly accepting: boolean;
  /** Requests answered by all processes this worker has been. */
  readonly requests: number;
  /** Requests it has now. */
  readonly inFlight: number;
  /** Processes it has been. */
  readonly respawnCount: number;
  /** Microseconds spent in the app. */
  readonly runningTimeUs: number;
  /** Unix seconds. */
  readonly lastSpawn: number;
}

/** The place of one worker: outlives the processes that fill it. */
export class Slot {
  readonly id: number;
  readonly throttle: RespawnThrottle = new RespawnThrottle();
  current: WorkerProcess | undefined;
  /** A process is to be started later. */
  pendingSpawn: NodeJS.Timeout | undefined;
  /** Not wanted at the moment (cheaper). */
  cheaped: boolean;
  /** The next process follows one that ended, and is announced so. */
  isRespawn = false;
  #spawns = 0;
  #lastSpawn = 0;
  #served = 0;
  #runningUs = 0;

  constructor(id: number, cheaped: boolean) {
    this.id = id;
    this.cheaped = cheaped;
  }

  occupy(worker: WorkerProcess): void {
    this.current = worker;
    this.pendingSpawn = undefined;
    this.#spawns++;
    this.#lastSpawn = Math.floor(Date.now() / 1000);
  }

  /** The process is gone, whether it was the current one or a predecessor that took its time. */
  leave(worker: WorkerProcess): void {
    this.#served += worker.served;
    this.#runningUs += worker.runningUs;
    if (this.current === worker) this.current = undefined;
  }

  describe(): WorkerInfo {
    const { current } = this;
    return {
      id: this.id,
      pid: current?.pid ?? 0,
      status: this.cheaped ? 'cheap' : (current?.inFlight ?? 0) > 0 ? 'busy' : 'idle',
      accepting: current?.state === 'ready',
      requests: this.#served + (current?.served ?? 0),
      inFlight: current?.inFlight ?? 0,
      respawnCount: this.#spawns,
      runningTimeUs: this.#runningUs + (current?.runningUs ?? 0),
      lastSpawn: this.#lastSpawn,
    };
  }
}
