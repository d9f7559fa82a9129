import type { ServerResponse } from 'node:http';

import type { EventLine } from './recent-events.ts';

/** Held for a reader that is slower than what happens. */
const BUFFER_LIMIT_BYTES = 1024 * 1024;

/** Sends lines as lines of JSON for as long as somebody reads. One that reads too slowly loses lines, and is told how many. */
export class EventStream {
  readonly #response: ServerResponse;
  #skipped = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
    response.flushHeaders();
  }

  send(line: EventLine): void {
    if (this.#response.writableLength > BUFFER_LIMIT_BYTES) {
      this.#skipped += 1;
      return;
    }
    if (this.#skipped > 0) this.#response.write(`${JSON.stringify({ skipped: this.#skipped })}\n`);
    this.#skipped = 0;
    this.#response.write(`${JSON.stringify(line)}\n`);
  }

  end(): void {
    this.#response.end();
  }
}
