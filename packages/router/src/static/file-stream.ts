import { Buffer } from 'node:buffer';
import { closeSync, read } from 'node:fs';

import type { Exchange, ResponseObserver } from '@emperor/http';

import type { ByteRange } from './byte-range.ts';
import { ChunkPool } from './chunk-pool.ts';

/** A piece of the body: bytes of our own, or a range of the file. */
export type Segment = Buffer | ByteRange;

/** Large enough to make few turns of the event loop, small enough for a thousand slow clients. */
const CHUNK_BYTES = 128 * 1024;

const pool = new ChunkPool();

/** Bytes on their way, and the buffer of the pool that they lie in; undefined for bytes of our own. */
interface Chunk {
  readonly bytes: Buffer;
  readonly buffer: Buffer | undefined;
}

/**
 * Sends segments of an open file as the body of an answer: a chunk is read when the client has taken the one before, so the memory is
 * the same whatever the size of the file and the pace of the client. Closes the descriptor at the end.
 */
export class FileStream implements ResponseObserver {
  readonly #exchange: Exchange;
  readonly #descriptor: number;
  readonly #segments: Segment[];
  #position = 0;
  /** Sent and perhaps not taken yet, oldest first: must not be touched until they are. */
  readonly #inFlight: Chunk[] = [];
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
    if (this.#isOver) return;
    this.#isBlocked = false;
    this.#releaseTaken();
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
    while (!this.#isOver && !this.#isBlocked && !this.#isReading) {
      const [segment] = this.#segments;
      if (segment === undefined) {
        this.#finish();
      } else if (Buffer.isBuffer(segment)) {
        this.#nextSegment();
        this.#send({ bytes: segment, buffer: undefined });
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

  #send(chunk: Chunk): void {
    this.#inFlight.push(chunk);
    this.#isBlocked = !this.#exchange.write(chunk.bytes);
    this.#releaseTaken();
  }

  /** What is pending lies in the newest chunks; the older ones are with the kernel. */
  #releaseTaken(): void {
    const { pendingBytes } = this.#exchange;
    if (pendingBytes === Infinity) {
      // Somebody between us and the client may keep them.
      this.#inFlight.length = 0;
      return;
    }
    let covered = 0;
    let kept = this.#inFlight.length;
    while (kept > 0 && covered < pendingBytes) covered += this.#inFlight[--kept]?.bytes.length ?? 0;
    for (const { buffer } of this.#inFlight.splice(0, kept)) if (buffer !== undefined) pool.release(buffer);
  }

  #readChunk(left: number): void {
    const buffer = pool.take(CHUNK_BYTES);
    this.#isReading = true;
    read(this.#descriptor, buffer, 0, Math.min(left, buffer.length), this.#position, (error, count) => {
      this.#isReading = false;
      if (this.#isOver) {
        pool.release(buffer);
        closeSync(this.#descriptor);
      } else if (error !== null || count === 0) {
        this.#fail(error?.message ?? 'the file has become shorter');
      } else {
        this.#position += count;
        this.#send({ bytes: buffer.subarray(0, count), buffer });
        this.#pump();
      }
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
    // A read under way still needs the descriptor.
    if (!this.#isReading) closeSync(this.#descriptor);
  }
}
