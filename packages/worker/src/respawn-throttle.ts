/** A worker that lived this long was all right: its death starts no series. */
const HEALTHY_MS = 1000;
const BASE_DELAY_MS = 100;
/** uWSGI's default of `forkbomb-delay`. */
const DEFAULT_LONGEST_MS = 2000;

/** How long to wait before a worker is started again: not at all after a death, longer and longer when it keeps dying at once. */
export class RespawnThrottle {
  readonly #longestMs: number;
  #earlyDeaths = 0;

  /** @param longestMs the longest wait (`forkbomb-delay`) */
  constructor(longestMs: number = DEFAULT_LONGEST_MS) {
    this.#longestMs = longestMs;
  }

  /** @param lifetimeMs how long the worker that has just died had lived */
  delayMs(lifetimeMs: number): number {
    if (lifetimeMs >= HEALTHY_MS) {
      this.#earlyDeaths = 0;
      return 0;
    }
    this.#earlyDeaths++;
    if (this.#earlyDeaths === 1) return 0;
    return Math.min(this.#longestMs, BASE_DELAY_MS * 2 ** (this.#earlyDeaths - 2));
  }
}
