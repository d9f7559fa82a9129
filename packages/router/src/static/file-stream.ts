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
 * Sends segments of an open file as the body of an answer, by sendfile(2) where the connection can. Elsewhere, as under an encoding, a
 * chunk is read when the client has taken the one before, so the memory is the same whatever the size of the file and the pace of the
 * client. Closes the descriptor at the end.
 */
export class FileStream implements ResponseObserver {
  readonly #exchange: Exchange;
  readonly #descriptor: number;
  readonly #segments: Segment[];
  #position = 0;
  /** Sent and perhaps not taken yet, oldest first: must not be touched until they are. */
  readonly #inFlight: Chunk[] = [];
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
    while (!this.#isOver && !this.#isBlocked && !this.#isBusy) {
      const [segment] = this.#segments;
      if (segment === undefined) {
        this.#finish();
      } else if (Buffer.isBuffer(segment)) {
        this.#nextSegment();
        this.#send({ bytes: segment, buffer: undefined });
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
    const buffer = pool.take(CHUNK_BYTES);
    this.#isBusy = true;
    read(this.#descriptor, buffer, 0, Math.min(left, buffer.length), this.#position, (error, count) => {
      this.#isBusy = false;
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
    if (!this.#isBusy) closeSync(this.#descriptor);
  }
}
