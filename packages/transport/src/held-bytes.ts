import type { PinnedBuffer } from '@emperor/posix';

import { bufferPool, LARGEST_BUFFER_BYTES } from './buffer-pool.ts';

/** Bytes in a buffer of the pool. */
export class HeldBytes {
  #buffer: PinnedBuffer;
  #start = 0;
  #end = 0;

  /** @param room for so many bytes, or for fewer where that is more than one buffer has */
  constructor(room: number = LARGEST_BUFFER_BYTES) {
    this.#buffer = bufferPool.take(room);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  get hasRoom(): boolean {
    return this.#end < this.#buffer.bytes.length;
  }

  /** Of the first byte. */
  get address(): number {
    return this.#buffer.address + this.#start;
  }

  /** Valid until `shrink` or `release`. */
  get view(): Uint8Array {
    return this.#buffer.bytes.subarray(this.#start, this.#end);
  }

  /**
   * Copies as much of a piece as there is room for, from `from` on; a string as latin-1.
   * @returns how much that was
   */
  add(piece: Uint8Array | string, from: number): number {
    const target = this.#buffer.bytes;
    const count = Math.min(piece.length - from, target.length - this.#end);
    if (typeof piece === 'string') target.write(from === 0 ? piece : piece.slice(from), this.#end, count, 'latin1');
    else target.set(count === piece.length ? piece : piece.subarray(from, from + count), this.#end);
    this.#end += count;
    return count;
  }

  /** The first bytes are not needed any more. */
  drop(count: number): void {
    this.#start += count;
  }

  /** What is left must be kept for some time: in no larger a buffer than it needs. */
  shrink(): void {
    const { length } = this;
    if (length > LARGEST_BUFFER_BYTES / 2 || this.#buffer.bytes.length < LARGEST_BUFFER_BYTES) return;
    const smaller = bufferPool.take(length);
    smaller.bytes.set(this.view);
    bufferPool.release(this.#buffer);
    this.#buffer = smaller;
    this.#start = 0;
    this.#end = length;
  }

  /** Ends it. */
  release(): void {
    bufferPool.release(this.#buffer);
  }
}
