/**
 * Spawn pacing: at most `limit` vassals are in mid-start, so that a thousand files at boot do not fight for the processor.
 * One that says nothing holds its place for `patienceMs` only: it delays others a little, never for good.
 */
export class StartQueue {
  readonly #limit: number;
  readonly #patienceMs: number;
  /** In the order they asked. */
  readonly #waiting = new Map<string, () => void>();
  readonly #starting = new Map<string, NodeJS.Timeout>();

  constructor(limit: number, patienceMs: number) {
    this.#limit = limit;
    this.#patienceMs = patienceMs;
  }

  /** Calls `start` now or when it is this vassal's turn. */
  enqueue(name: string, start: () => void): void {
    this.#waiting.set(name, start);
    this.#advance();
  }

  dequeue(name: string): void {
    this.#waiting.delete(name);
  }

  /** It is up, or it has ended: the next one may start. */
  settle(name: string): void {
    const timer = this.#starting.get(name);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#starting.delete(name);
    this.#advance();
  }

  #advance(): void {
    for (const [name, start] of this.#waiting) {
      if (this.#starting.size >= this.#limit) return;
      this.#waiting.delete(name);
      this.#starting.set(
        name,
        setTimeout(() => this.settle(name), this.#patienceMs),
      );
      start();
    }
  }
}
