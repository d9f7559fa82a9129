/** What is looked at once a second. */
export interface Activity {
  /** Requests that run or wait. */
  readonly open: number;
  /** Requests answered so far. */
  readonly answered: number;
}

/** Notices that nothing has happened for a while (`idle`). */
export class IdleClock {
  readonly #limitMs: number;
  #answered = -1;
  #sinceMs = 0;

  constructor(limitSeconds: number) {
    this.#limitMs = limitSeconds * 1000;
  }

  /** When the last activity was, as far as it was seen. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** @returns true when the time without any activity is over */
  isIdle({ open, answered }: Activity, nowMs: number): boolean {
    if (open > 0 || answered !== this.#answered) {
      this.#answered = answered;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs >= this.#limitMs;
  }
}
