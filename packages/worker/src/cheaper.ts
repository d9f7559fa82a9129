import type { CheaperSettings } from './settings.ts';

/** What the algorithm sees once a second. */
export interface PoolLoad {
  /** Workers that run or are being started. */
  readonly active: number;
  /** Of these, workers all of whose threads are taken. */
  readonly busy: number;
  /** Most workers there may be. */
  readonly maximum: number;
}

/** Workers to add (positive) or to let go (negative). */
export type Decision = number;

/**
 * uWSGI's algorithm `spare` (UWSGI-FACTS 9.5): when all workers have been busy for `overload` checks in a row, `step` more are
 * started; when more than one has been idle for as long, one goes. One idle worker is kept above the busy ones.
 */
export class SpareAlgorithm {
  readonly #settings: CheaperSettings;
  #overloaded = 0;
  #idle = 0;

  constructor(settings: CheaperSettings) {
    this.#settings = settings;
  }

  decide({ active, busy, maximum }: PoolLoad): Decision {
    const { minimum, overload, step } = this.#settings;
    this.#overloaded = busy >= active ? this.#overloaded + 1 : 0;
    this.#idle = active - busy > 1 ? this.#idle + 1 : 0;
    if (this.#overloaded >= overload && active < maximum) {
      this.#overloaded = 0;
      return Math.min(step, maximum - active);
    }
    if (this.#idle >= overload && active > minimum) {
      this.#idle = 0;
      return -1;
    }
    return 0;
  }
}
