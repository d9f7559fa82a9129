import type { AppRequest } from './app-request.ts';

/**
 * Requests whose clients are still sending the body, and that would take the last idle core: a slow client shall not keep it from others.
 * Each goes on when its body is there (or as much of it as is held without a reader), or has waited long enough, or there is room again.
 */
export class UnfinishedBodies {
  readonly #held = new Set<AppRequest>();
  readonly #admit: (request: AppRequest) => void;

  constructor(admit: (request: AppRequest) => void) {
    this.#admit = admit;
  }

  get length(): number {
    return this.#held.size;
  }

  /** @param atMostMs for how long; undefined for as long as the client takes */
  hold(request: AppRequest, atMostMs: number | undefined): void {
    this.#held.add(request);
    const timer = atMostMs === undefined ? undefined : setTimeout(() => this.#release(request), atMostMs);
    request.exchange.body.whenCollected(() => {
      clearTimeout(timer);
      this.#release(request);
    });
  }

  /** There is room for one: the one that has waited longest goes on. */
  releaseFirst(): void {
    const [first] = this.#held;
    if (first !== undefined) this.#release(first);
  }

  #release(request: AppRequest): void {
    if (this.#held.delete(request)) this.#admit(request);
  }
}
