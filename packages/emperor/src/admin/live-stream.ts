import type { ServerResponse } from 'node:http';

/** Held for a reader that is slower than what happens: the next message will tell more than those that are left out. */
const BUFFER_LIMIT_BYTES = 1024 * 1024;

/** One reader of server-sent events (WHATWG HTML, section 9.2). */
export class LiveStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.flushHeaders();
  }

  /** @param name of the event, a word */
  send(name: string, data: object): void {
    this.sendText(name, JSON.stringify(data));
  }

  /** @param json which has no line ends of its own: made once for many readers */
  sendText(name: string, json: string): void {
    if (this.#response.writableLength > BUFFER_LIMIT_BYTES) return;
    this.#response.write(`event: ${name}\ndata: ${json}\n\n`);
  }
}

/** Does something at an interval, only while somebody wants it. */
export class SharedTicker {
  readonly #intervalMs: number;
  readonly #tick: () => void;
  #wanted = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, tick: () => void) {
    this.#intervalMs = intervalMs;
    this.#tick = tick;
  }

  /** @returns what ends the wish; to be called once */
  want(): () => void {
    this.#wanted += 1;
    this.#timer ??= setInterval(this.#tick, this.#intervalMs).unref();
    return () => {
      this.#wanted -= 1;
      if (this.#wanted > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
