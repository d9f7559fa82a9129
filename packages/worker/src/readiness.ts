import type { WorkerProcess } from './worker-process.ts';

/** Who waits for which of the workers that are being started: until it is known whether they become ready. */
export class Readiness {
  readonly #starting = new Set<WorkerProcess>();
  readonly #waiters = new Map<WorkerProcess, () => void>();
  #onAll: (() => void) | undefined;

  add(worker: WorkerProcess): void {
    this.#starting.add(worker);
  }

  /** It has become ready, or never will. */
  settle(worker: WorkerProcess): void {
    this.#starting.delete(worker);
    this.#waiters.get(worker)?.();
    this.#waiters.delete(worker);
    this.#tellAll();
  }

  /** Resolves when it is known about this one. */
  of(worker: WorkerProcess): Promise<void> {
    return new Promise((resolve) => {
      if (this.#starting.has(worker)) this.#waiters.set(worker, resolve);
      else resolve();
    });
  }

  /** Resolves when it is known about all that are being started now. */
  ofAll(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAll = resolve;
      this.#tellAll();
    });
  }

  #tellAll(): void {
    if (this.#starting.size > 0) return;
    this.#onAll?.();
    this.#onAll = undefined;
  }
}
