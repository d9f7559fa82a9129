import { Buffer } from 'node:buffer';

import type { Exchange, Expiring, TimerWheel } from '@emperor/http';

/** More are not kept: they go on at once, to whatever awaits them. */
const MAX_WAITING = 1024;
/** What nginx logs for a client that went away before its answer. */
const CLIENT_GONE = 499;

/** Holds requests until there is somebody to answer them, each for a bounded time. */
export class WaitingRoom {
  readonly #wheel: TimerWheel;
  readonly #patienceMs: number;
  readonly #waiting = new Map<Exchange, Expiring>();

  /** @param patienceMs how long a request waits */
  constructor(wheel: TimerWheel, patienceMs: number) {
    this.#wheel = wheel;
    this.#patienceMs = patienceMs;
  }

  /** @param proceed called when the wait is over, one way or the other, unless the client has gone */
  add(exchange: Exchange, proceed: () => void): void {
    if (this.#waiting.size >= MAX_WAITING) {
      proceed();
      return;
    }
    const onDeadline = (): void => {
      this.#leave(exchange);
      proceed();
    };
    const deadline = { deadlineMs: performance.now() + this.#patienceMs, onDeadline };
    this.#waiting.set(exchange, deadline);
    this.#wheel.watch(deadline);
    exchange.answerer = {
      clientGone: () => {
        this.#leave(exchange);
        exchange.respond({ status: CLIENT_GONE, reason: 'Client Closed Request', headers: [] }, Buffer.alloc(0));
      },
    };
  }

  /** Somebody is there: all go on. */
  open(): void {
    for (const deadline of this.#waiting.values()) deadline.onDeadline();
  }

  #leave(exchange: Exchange): void {
    const deadline = this.#waiting.get(exchange);
    if (deadline !== undefined) this.#wheel.unwatch(deadline);
    this.#waiting.delete(exchange);
    exchange.answerer = undefined;
  }
}
