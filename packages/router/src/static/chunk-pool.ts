import { Buffer } from 'node:buffer';

/** What buffers that nobody uses may take together. */
const KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Buffers that files are read into, used again and again: allocated for each chunk they would pile up between two runs of the garbage
 * collector.
 */
export class ChunkPool {
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;

  /** A buffer of exactly that size, with whatever was in it. */
  take(bytes: number): Buffer {
    const buffer = this.#free.get(bytes)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(bytes);
    this.#freeBytes -= bytes;
    return buffer;
  }

  /** Nobody looks at the buffer any more. */
  release(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > KEPT_BYTES) return;
    this.#freeBytes += buffer.length;
    const sameSize = this.#free.get(buffer.length);
    if (sameSize === undefined) this.#free.set(buffer.length, [buffer]);
    else sameSize.push(buffer);
  }
}
