/** Work that may wait in one worker behind the request it runs: this is what a request can lose by being sent there early. */
const AHEAD_US = 2000;
const MAX_AHEAD = 64;
/** Weight of the newest measurement: 1/8. */
const SMOOTHING = 8;

/** How long the app takes for a request: an exponentially weighted mean, quick to believe in slowness. */
export class ServiceTime {
  #meanUs: number | undefined;

  add(serviceUs: number): void {
    this.#meanUs = this.#meanUs === undefined ? serviceUs : this.#meanUs + (serviceUs - this.#meanUs) / SMOOTHING;
  }

  /** Microseconds, 0 before the first request. */
  get meanUs(): number {
    return this.#meanUs ?? 0;
  }

  /** How many requests a worker with so many threads may be sent before it answers one. Unknown apps count as slow. */
  depth(threads: number): number {
    if (this.#meanUs === undefined) return threads;
    const ahead = Math.min(MAX_AHEAD, Math.floor(AHEAD_US / Math.max(1, this.#meanUs)));
    return threads + (ahead - 1 > 0 ? (ahead - 1) * threads : 0);
  }
}
