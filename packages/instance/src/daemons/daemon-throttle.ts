/** Seconds after which a daemon counts as healthy: its next end starts the count anew. */
const HEALTHY_SECONDS = 10;

/**
 * When a daemon that ended is started again (UWSGI-FACTS 16.2): at once after a healthy life; else after as many seconds as it has been started
 * again in a row, less those it lived, at least one.
 */
export class DaemonThrottle {
  readonly #maxSeconds: number;
  /** Before the one that is asked about. */
  #quickEnds = 0;

  constructor(maxSeconds: number) {
    this.#maxSeconds = maxSeconds;
  }

  /** @param livedMs how long the daemon that has just ended had run */
  delaySeconds(livedMs: number): number {
    const lived = Math.floor(livedMs / 1000);
    if (lived >= HEALTHY_SECONDS) {
      this.#quickEnds = 0;
      return 0;
    }
    return Math.min(this.#maxSeconds, Math.max(1, this.#quickEnds++ - lived));
  }
}
