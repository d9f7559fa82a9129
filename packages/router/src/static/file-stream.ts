import { Buffer } from 'node:buffer';
import { closeSync, read } from 'node:fs';

import type { Exchange, ResponseObserver } from '@emperor/http';

import type { ByteRange } from './byte-range.ts';

/** A piece of the body: bytes of our own, or a range of the file. */
export type Segment = Buffer | ByteRange;

const FIRST_CHUNK_BYTES = 64 * 1024;
/** Clients that keep up with us get larger chunks: fewer turns of the event loop for the same bytes. */
const LARGEST_CHUNK_BYTES = 512 * 1024;

/**
 * Sends segments of an open file as the body of an answer, reading one chunk ahead of the client: constant memory, whatever the size of
 * the file and the pace of the client. Closes the descriptor at the end.
 */
export class FileStream implements ResponseObserver {
  readonly #exchange: Exchange;
  readonly #descriptor: number;
  readonly #segments: Segment[];
  #position = 0;
  #chunkBytes = FIRST_CHUNK_BYTES;
  /** Read, and waiting for the client. */
  #ready: Buffer | undefined;
  /** Sent and not taken yet: must not be touched until the client has drained. */
  #inFlight: Buffer | undefined;
  /** May be read into again. */
  #free: Buffer | undefined;
  #isReading = false;
  #isBlocked = false;
  #isOver = false;

  constructor(exchange: Exchange, descriptor: number, segments: readonly Segment[]) {
    this.#exchange = exchange;
    this.#descriptor = descriptor;
    this.#segments = [...segments];
    this.#enterSegment();
  }

  /** To be called when the answer has been started with this stream as its observer. */
  begin(): void {
    this.#pump();
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#free = this.#inFlight;
    this.#inFlight = undefined;
    // Faster than we read: a slow client never gets here with nothing ready.
    if (this.#ready === undefined) this.#grow();
    this.#pump();
  }

  onAbort(): void {
    this.#stop();
  }

  #enterSegment(): void {
    const [segment] = this.#segments;
    if (segment !== undefined && !Buffer.isBuffer(segment)) this.#position = segment.start;
  }

  /** Sends what is ready and keeps one chunk ahead. */
  #pump(): void {
    while (!this.#isOver) {
      if (this.#ready !== undefined && !this.#isBlocked) this.#send(this.#ready);
      if (this.#ready !== undefined || this.#isReading) return;
      const [segment] = this.#segments;
      if (segment === undefined) {
        if (!this.#isBlocked) this.#finish();
        return;
      }
      if (Buffer.isBuffer(segment)) {
        this.#ready = segment;
        this.#nextSegment();
      } else if (this.#position >= segment.end) {
        this.#nextSegment();
      } else {
        this.#readChunk(segment.end - this.#position);
      }
    }
  }

  #nextSegment(): void {
    this.#segments.shift();
    this.#enterSegment();
  }

  #send(chunk: Buffer): void {
    this.#ready = undefined;
    if (!this.#exchange.write(chunk)) {
      this.#isBlocked = true;
      this.#inFlight = chunk;
    } else if (this.#exchange.pendingBytes === 0) {
      this.#free = chunk;
      this.#grow();
    }
  }

  #grow(): void {
    if (this.#chunkBytes < LARGEST_CHUNK_BYTES) this.#chunkBytes *= 2;
  }

  #readChunk(left: number): void {
    const length = Math.min(left, this.#chunkBytes);
    const buffer = this.#takeBuffer(length);
    this.#isReading = true;
    read(this.#descriptor, buffer, 0, length, this.#position, (error, count) => {
      this.#isReading = false;
      if (this.#isOver) {
        closeSync(this.#descriptor);
      } else if (error !== null || count === 0) {
        this.#fail(error?.message ?? 'the file has become shorter');
      } else {
        this.#position += count;
        this.#ready = count === buffer.length ? buffer : buffer.subarray(0, count);
        this.#pump();
      }
    });
  }

  #takeBuffer(length: number): Buffer {
    const free = this.#free;
    this.#free = undefined;
    return free !== undefined && free.length >= length ? free : Buffer.allocUnsafeSlow(length);
  }

  #finish(): void {
    this.#stop();
    this.#exchange.end();
  }

  #fail(reason: string): void {
    this.#stop();
    this.#exchange.abort(reason);
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // A read under way still needs the descriptor.
    if (!this.#isReading) closeSync(this.#descriptor);
  }
}
