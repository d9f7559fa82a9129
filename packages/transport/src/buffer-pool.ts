import { PinnedBuffer } from '@emperor/posix';

/** The smallest and the largest buffer there is, as powers of two: 4 KB and 128 KB. */
const SMALLEST_BITS = 12;
const LARGEST_BITS = 17;

/** What can be had at once. */
export const LARGEST_BUFFER_BYTES: number = 2 ** LARGEST_BITS;

/** What buffers that nobody uses may take together. */
const KEPT_BYTES = 524_288;

/**
 * Buffers that are lent: whoever takes one owns it, alone, until it is given back. Allocated anew for each piece of data they would
 * cost ten times as much as copying it, and pile up between two runs of the garbage collector.
 */
export class BufferPool {
  /** By size, the smallest first; the last one given back is the first to go out again, since it is in the processor's cache. */
  readonly #free: PinnedBuffer[][] = Array.from({ length: LARGEST_BITS - SMALLEST_BITS + 1 }, () => []);
  #freeBytes = 0;

  /** @returns a buffer of at least so many bytes, or the largest there is, with whatever was in it */
  take(bytes: number): PinnedBuffer {
    const size = sizeFor(bytes);
    const buffer = this.#free[size]?.pop();
    if (buffer === undefined) return new PinnedBuffer(2 ** (size + SMALLEST_BITS));
    this.#freeBytes -= buffer.bytes.length;
    return buffer;
  }

  /** Nobody looks at the buffer any more. */
  release(buffer: PinnedBuffer): void {
    const { length } = buffer.bytes;
    if (this.#freeBytes + length > KEPT_BYTES) return;
    this.#freeBytes += length;
    this.#free[sizeFor(length)]?.push(buffer);
  }
}

/** Number of the smallest size that has room. */
function sizeFor(bytes: number): number {
  const bits = 32 - Math.clz32(Math.max(bytes, 1) - 1);
  return Math.min(Math.max(bits, SMALLEST_BITS), LARGEST_BITS) - SMALLEST_BITS;
}

/** That of this process. */
export const bufferPool: BufferPool = new BufferPool();
