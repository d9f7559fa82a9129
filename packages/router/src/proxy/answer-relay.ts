import { Buffer } from 'node:buffer';

import type { Exchange, RequestBody, ResponseHead, ResponseObserver } from '@emperor/http';

/** What is held of an answer before it is passed on unfinished. */
const MAX_HELD_BYTES = 65_536;
const EMPTY = Buffer.alloc(0);

/** The backend's side of an answer that is passed on. */
export interface AnswerSource {
  /** The client is behind. */
  pause(): void;
  resume(): void;
  clientGone(): void;
}

/**
 * Passes an answer from a backend to the client. What arrives with its end goes out whole, in one write and with its length; what streams
 * goes on as it comes. An answer that ends with the connection is held for two turns of the event loop: mostly the end is only a moment behind.
 */
export class AnswerRelay implements ResponseObserver {
  readonly #exchange: Exchange;
  readonly #source: AnswerSource;
  #heldHead: ResponseHead | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #over = false;

  constructor(exchange: Exchange, source: AnswerSource) {
    this.#exchange = exchange;
    this.#source = source;
  }

  head(head: ResponseHead): void {
    this.#heldHead = head;
  }

  /** The backend goes on in another protocol. @returns what the client says in it */
  switchProtocols(head: ResponseHead): RequestBody | undefined {
    return this.#exchange.switchProtocols?.(head, this);
  }

  /** @param content valid only during the call */
  body(content: Buffer): void {
    if (this.#over) return;
    if (this.#heldHead === undefined) {
      if (!this.#exchange.write(content)) this.#source.pause();
      return;
    }
    this.#held.push(Buffer.from(content));
    this.#heldBytes += content.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#release();
  }

  /** A piece of the answer has been taken in and was not its end. */
  pieceOver(endsWithConnection: boolean): void {
    if (this.#heldHead === undefined) return;
    if (endsWithConnection) setImmediate(() => setImmediate(this.#release));
    else this.#release();
  }

  complete(): void {
    if (this.#over) return;
    this.#over = true;
    const head = this.#heldHead;
    if (head === undefined) this.#exchange.end();
    else this.#exchange.respond(head, this.#held.length === 1 ? (this.#held[0] ?? EMPTY) : Buffer.concat(this.#held));
  }

  /** The rest of the answer will not come. */
  cutShort(): void {
    this.#over = true;
  }

  readonly #release = (): void => {
    const head = this.#heldHead;
    if (head === undefined || this.#over) return;
    this.#heldHead = undefined;
    this.#exchange.start(head, this);
    let more = true;
    for (const chunk of this.#held) more = this.#exchange.write(chunk);
    this.#held = [];
    if (!more) this.#source.pause();
  };

  onDrain(): void {
    this.#source.resume();
  }

  onAbort(): void {
    this.#over = true;
    this.#source.clientGone();
  }
}
