import type { AppRequest } from './app-request.ts';

/** What is kept of one body: nearly all uploads of people, but for videos. */
const BODY_BYTES = 2_097_152;
/** What may be kept of all of them; beyond it a body has the 64 KB that everybody has. */
const ALL_BODIES_BYTES = 16_777_216;

/**
 * Requests whose clients are still sending the body, and that would take the last idle core: a slow client shall not keep it from others.
 * Each goes on when its body is there (or as much of it as is held without a reader), or has waited long enough, or there is room again.
 */
export class UnfinishedBodies {
  /** With the bytes that were set aside for each. */
  readonly #held = new Map<AppRequest, number>();
  readonly #admit: (request: AppRequest) => void;
  #freeBytes = ALL_BODIES_BYTES;

  constructor(admit: (request: AppRequest) => void) {
    this.#admit = admit;
  }

  get length(): number {
    return this.#held.size;
  }

  /** @param atMostMs for how long; undefined for as long as the client takes */
  hold(request: AppRequest, atMostMs: number | undefined): void {
    const { body } = request.exchange;
    const bytes = Math.min(body.length ?? BODY_BYTES, BODY_BYTES, this.#freeBytes);
    this.#freeBytes -= bytes;
    this.#held.set(request, bytes);
    const timer = atMostMs === undefined ? undefined : setTimeout(() => this.#release(request), atMostMs);
    body.whenCollected(() => {
      clearTimeout(timer);
      this.#release(request);
    }, bytes);
  }

  /** There is room for one: the one that has waited longest goes on. */
  releaseFirst(): void {
    const [first] = this.#held.keys();
    if (first !== undefined) this.#release(first);
  }

  #release(request: AppRequest): void {
    const bytes = this.#held.get(request);
    if (bytes === undefined) return;
    this.#held.delete(request);
    this.#freeBytes += bytes;
    this.#admit(request);
  }
}
