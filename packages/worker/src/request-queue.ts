import type { AppRequest } from './app-request.ts';

/** Taken entries are dropped from the array when there are so many of them. */
const COMPACT_AT = 1024;

/** Requests that wait for a worker, first come first served. Taking from the front costs the same however many wait. */
export class RequestQueue {
  readonly #items: (AppRequest | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(request: AppRequest): void {
    this.#items.push(request);
  }

  unshift(request: AppRequest): void {
    if (this.#head > 0) this.#items[--this.#head] = request;
    else this.#items.unshift(request);
  }

  peek(): AppRequest | undefined {
    return this.#items[this.#head];
  }

  shift(): AppRequest | undefined {
    const request = this.#items[this.#head];
    if (request === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length || this.#head === COMPACT_AT) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return request;
  }
}
