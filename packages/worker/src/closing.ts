import type { WorkerProcess } from './worker-process.ts';

/** An idle worker gets this time for its atexit functions even when everything is to end at once. */
const IDLE_GRACE_MS = 1000;

/** The end of a pool: its workers have been told to leave, and those that take too long are made to. */
export class Closing {
  readonly #workers: ReadonlyMap<number, WorkerProcess>;
  readonly #startedAtMs = performance.now();
  #onEmpty: (() => void) | undefined;

  /** @param workers those that live, as it changes */
  constructor(workers: ReadonlyMap<number, WorkerProcess>) {
    this.#workers = workers;
  }

  get lastedMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** Resolves when no worker lives any more; those that still work when the time is over are killed. */
  async wait(graceMs: number): Promise<void> {
    if (this.#workers.size === 0) return;
    const timers = [
      setTimeout(() => this.#kill((worker) => worker.inFlight > 0), graceMs),
      setTimeout(() => this.#kill(() => true), Math.max(graceMs, IDLE_GRACE_MS)),
    ];
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const timer of timers) clearTimeout(timer);
  }

  /** One of them has gone. */
  left(): void {
    if (this.#workers.size === 0) this.#onEmpty?.();
  }

  #kill(isDue: (worker: WorkerProcess) => boolean): void {
    for (const worker of this.#workers.values()) if (isDue(worker)) worker.kill();
  }
}
