/** One that is in mid-start. */
export interface Starter {
  /** Whether it is still at work on it. */
  isBusy(): boolean;
}

export interface StartLimits {
  /** How many may be in mid-start at a time. */
  readonly limit: number;
  /** How often those that say nothing are looked at. */
  readonly lookEveryMs: number;
  /** Nobody holds a place for longer, however busy. */
  readonly patienceMs: number;
}

interface Waiting {
  readonly start: () => Starter | undefined;
  /** Whether nothing else holds it back. */
  readonly isFree: () => boolean;
}

interface Place {
  readonly starter: Starter;
  readonly since: number;
  /** Found idle at the last look. */
  wasIdle: boolean;
}

/**
 * Spawn pacing: a thousand files at boot must not fight for the processor. A vassal holds one of few places until it says that
 * it is up, ends, or is found idle twice in a row: one that waits for a database, or never says anything, delays nobody.
 */
export class StartQueue {
  readonly #limits: StartLimits;
  /** In the order they asked. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #places = new Map<string, Place>();
  /** Places of those whose start is being called right now: what they set off may ask for the next one. */
  #reserved = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: StartLimits) {
    this.#limits = limits;
  }

  /**
   * Calls `start` now or when it is this vassal's turn and `isFree` allows it. It returns undefined when nothing could be
   * started.
   */
  enqueue(name: string, start: () => Starter | undefined, isFree: () => boolean = () => true): void {
    this.#waiting.set(name, { start, isFree });
    this.advance();
  }

  dequeue(name: string): void {
    this.#waiting.delete(name);
  }

  /** It is up, or it has ended: the next one may start. */
  settle(name: string): void {
    if (this.#places.delete(name)) this.advance();
  }

  /** Starts those whose turn it is; to be called when what held somebody back may be gone. */
  advance(): void {
    for (const [name, { start, isFree }] of this.#waiting) {
      if (this.#places.size + this.#reserved >= this.#limits.limit) break;
      if (isFree()) this.#start(name, start);
    }
    // Nobody is looked at as long as nobody waits.
    if (this.#waiting.size === 0 || this.#places.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#look(), this.#limits.lookEveryMs);
  }

  #start(name: string, start: Waiting['start']): void {
    this.#waiting.delete(name);
    this.#reserved += 1;
    const starter = start();
    this.#reserved -= 1;
    if (starter !== undefined) this.#places.set(name, { starter, since: performance.now(), wasIdle: false });
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [name, place] of this.#places) {
      const isIdle = !place.starter.isBusy();
      if ((isIdle && place.wasIdle) || now - place.since >= this.#limits.patienceMs) this.#places.delete(name);
      place.wasIdle = isIdle;
    }
    this.advance();
  }
}
