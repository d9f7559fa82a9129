import { Buffer } from 'node:buffer';
import { closeSync, read } from 'node:fs';

import type { Exchange, ResponseObserver } from '@emperor/http';
import { bufferPool } from '@emperor/transport';

import type { ByteRange } from './byte-range.ts';

/** A piece of the body: bytes of our own, or a range of the file. */
export type Segment = Buffer | ByteRange;

/** Large enough to make few turns of the event loop, small enough for a thousand slow clients. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Sends segments of an open file as the body of an answer, by sendfile(2) where the connection can. Elsewhere, as under an encoding, a
 * chunk is read when the client has taken the one before, so the memory is the same whatever the size of the file and the pace of the
 * client. Closes the descriptor at the end.
 */
export class FileStream implements ResponseObserver {
  readonly #exchange: Exchange;
  readonly #descriptor: number;
  readonly #segments: Segment[];
  #position = 0;
  /** A read or a sendfile is under way, which needs the descriptor. */
  #isBusy = false;
  #isBlocked = false;
  #isOver = false;
  #usesSendfile: boolean;

  /** @param usesSendfile false: the file is read and written (`disable-sendfile`) */
  constructor(exchange: Exchange, descriptor: number, segments: readonly Segment[], usesSendfile: boolean = true) {
    this.#exchange = exchange;
    this.#descriptor = descriptor;
    this.#usesSendfile = usesSendfile;
    this.#segments = [...segments];
    this.#enterSegment();
  }

  /** To be called when the answer has been started with this stream as its observer. */
  begin(): void {
    this.#pump();
  }

  onDrain(): void {
    if (this.#isOver) return;
    this.#isBlocked = false;
    this.#pump();
  }

  onAbort(): void {
    this.#stop();
  }

  #enterSegment(): void {
    const [segment] = this.#segments;
    if (segment !== undefined && !Buffer.isBuffer(segment)) this.#position = segment.start;
  }

  /** Goes on until the client or the disk must be waited for. */
  #pump(): void {
    while (!this.#isOver && !this.#isBlocked && !this.#isBusy) {
      const [segment] = this.#segments;
      if (segment === undefined) {
        this.#finish();
      } else if (Buffer.isBuffer(segment)) {
        this.#nextSegment();
        this.#send(segment);
      } else if (this.#position >= segment.end) {
        this.#nextSegment();
      } else if (!this.#usesSendfile || !this.#sendByKernel(segment.end - this.#position)) {
        this.#readChunk(segment.end - this.#position);
      }
    }
  }

  #nextSegment(): void {
    this.#segments.shift();
    this.#enterSegment();
  }

  #send(bytes: Uint8Array): void {
    this.#isBlocked = !this.#exchange.write(bytes);
  }

  /** @returns false where the connection cannot do that */
  #sendByKernel(length: number): boolean {
    this.#isBusy = true;
    const isSent = this.#exchange.sendFile(this.#descriptor, this.#position, length, (error) => {
      this.#isBusy = false;
      if (this.#isOver) {
        closeSync(this.#descriptor);
      } else if (error !== undefined) {
        this.#fail(error.message);
      } else {
        this.#position += length;
        this.#pump();
      }
    });
    if (!isSent) {
      this.#isBusy = false;
      this.#usesSendfile = false;
    }
    return isSent;
  }

  #readChunk(left: number): void {
    const buffer = bufferPool.take(CHUNK_BYTES);
    const { bytes } = buffer;
    this.#isBusy = true;
    read(this.#descriptor, bytes, 0, Math.min(left, bytes.length), this.#position, (error, count) => {
      this.#isBusy = false;
      if (this.#isOver) {
        closeSync(this.#descriptor);
      } else if (error !== null || count === 0) {
        this.#fail(error?.message ?? 'the file has become shorter');
      } else {
        this.#position += count;
        this.#send(bytes.subarray(0, count));
      }
      bufferPool.release(buffer);
      this.#pump();
    });
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
    if (!this.#isBusy) closeSync(this.#descriptor);
  }
}
