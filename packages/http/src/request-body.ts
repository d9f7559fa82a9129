import { Buffer } from 'node:buffer';

import type { BodyDecoder } from './body-framing.ts';
import type { BodyReceiver, RequestBody } from './exchange.ts';

/** What is held of a body while nobody receives it: enough for a form, so that a slow client need not occupy a worker with it. */
export const HELD_BYTES = 65_536;

/** What a body needs of its connection. */
export interface BodySource {
  /** The client sends nothing before the body is wanted. */
  readonly awaitsContinue: boolean;
  /** The receiver is there: a waiting client may be told to go on (`100 Continue`). */
  bodyWanted(): void;
  /** Back-pressure towards the client. */
  bodyPaused(paused: boolean): void;
}

const EMPTY: Buffer = Buffer.alloc(0);

/** The body of one request: decodes, holds back until somebody receives it, counts. */
export class IncomingBody implements RequestBody {
  readonly length: number | undefined;
  readonly #source: BodySource;
  readonly #decoder: BodyDecoder;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Beyond it the client has to wait. */
  #heldLimit = HELD_BYTES;
  /** How many of the last pieces belong to a chunk whose end has not come. */
  #openPieces = 0;
  #receivedBytes = 0;
  #receiver: BodyReceiver | undefined;
  /** Why no more will come; told once everything held has been taken. */
  #error: Error | undefined;
  #discarding = false;
  #paused = false;
  #onCollected: (() => void) | undefined;

  constructor(length: number | undefined, decoder: BodyDecoder, source: BodySource) {
    this.length = length;
    this.#decoder = decoder;
    this.#source = source;
  }

  get complete(): Buffer | undefined {
    if (!this.#decoder.finished || this.#receiver !== undefined || this.#discarding) return undefined;
    if (this.#heldBytes > HELD_BYTES) return undefined;
    if (this.#held.length < 2) return this.#held[0] ?? EMPTY;
    const whole = Buffer.concat(this.#held);
    if (!this.isInChunks) this.#held = [whole];
    return whole;
  }

  get isInChunks(): boolean {
    return this.#decoder.finished && this.#openPieces === 0 && this.#held.length > 1;
  }

  /** All bytes of the body have arrived from the client. */
  get finished(): boolean {
    return this.#decoder.finished;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Content bytes that have arrived so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * Feeds bytes of the connection.
   * @returns how many of them belonged to the body
   * @throws HttpError when the framing is broken
   */
  push(chunk: Buffer): number {
    const taken = this.#decoder.push(chunk, this.#onContent);
    if (this.#decoder.finished) this.#release();
    // Nobody receives yet, or not so fast: the client waits after a bounded amount.
    else if (this.#heldBytes >= this.#heldLimit) this.pause();
    this.#tellCollected();
    return taken;
  }

  readonly #onContent = (content: Buffer, endsChunk: boolean): void => {
    this.#receivedBytes += content.length;
    if (this.#discarding) return;
    if (this.#receiver !== undefined && !this.#paused) this.#receiver.onBodyData(content);
    else this.#hold(Buffer.from(content), endsChunk);
  };

  /** The pieces of one chunk become one. */
  #hold(content: Buffer, endsChunk: boolean): void {
    this.#held.push(content);
    this.#heldBytes += content.length;
    this.#openPieces += 1;
    if (!endsChunk) return;
    const pieces = this.#held.splice(Math.max(0, this.#held.length - this.#openPieces));
    this.#held.push(pieces.length === 1 ? content : Buffer.concat(pieces));
    this.#openPieces = 0;
  }

  /** Somebody has begun to receive it. */
  get isReceived(): boolean {
    return this.#receiver !== undefined;
  }

  whenCollected(callback: () => void, atMostBytes: number = HELD_BYTES): void {
    this.#onCollected = callback;
    this.#heldLimit = Math.max(HELD_BYTES, atMostBytes);
    this.#tellCollected();
    if (this.#onCollected !== undefined && this.#heldBytes < this.#heldLimit) this.resume();
  }

  #tellCollected(): void {
    const callback = this.#onCollected;
    if (callback === undefined) return;
    const isOver = this.#decoder.finished || this.#error !== undefined || this.#discarding;
    if (!isOver && this.#heldBytes < this.#heldLimit && !this.#source.awaitsContinue) return;
    this.#onCollected = undefined;
    callback();
  }

  receive(receiver: BodyReceiver): void {
    if (this.#discarding) return;
    this.#receiver = receiver;
    this.#source.bodyWanted();
    if (this.#paused) this.resume();
    else this.#release();
  }

  pause(): void {
    if (this.#paused || this.#discarding) return;
    this.#paused = true;
    this.#source.bodyPaused(true);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#release();
    if (!this.#paused) this.#source.bodyPaused(false);
  }

  /** The answer does not need the rest of the body: what still arrives is dropped. */
  discard(): void {
    this.#discarding = true;
    this.#held = [];
    this.#heldBytes = 0;
    this.#receiver = undefined;
    this.resume();
    this.#tellCollected();
  }

  /** The client is gone, too slow, or broke the framing: nothing more will come. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#release();
    this.#tellCollected();
  }

  /** Hands on what is held, then the end, as far as the receiver allows. */
  #release(): void {
    while (this.#held.length > 0 && !this.#paused && this.#receiver !== undefined) {
      const chunk = this.#held.shift() ?? EMPTY;
      this.#heldBytes -= chunk.length;
      this.#receiver.onBodyData(chunk);
    }
    const receiver = this.#receiver;
    if (receiver === undefined || this.#held.length > 0) return;
    if (this.#decoder.finished) {
      this.#receiver = undefined;
      this.#discarding = true;
      receiver.onBodyEnd();
    } else if (this.#error !== undefined) {
      this.#receiver = undefined;
      this.#discarding = true;
      receiver.onBodyError(this.#error);
    }
  }
}

/** The body of a request that has none. */
export class EmptyBody implements RequestBody {
  readonly length = 0;
  readonly complete: Buffer = EMPTY;
  readonly isInChunks = false;

  receive(receiver: BodyReceiver): void {
    receiver.onBodyEnd();
  }

  whenCollected(callback: () => void): void {
    callback();
  }

  pause(): void {}

  resume(): void {}
}

export const EMPTY_BODY: RequestBody = new EmptyBody();
