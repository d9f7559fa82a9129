import type { Buffer } from 'node:buffer';

import { SharedMemory } from '@emperor/posix';
import { WorkerFrameError, type RingPart } from '@emperor/protocol';

/** Bytes in front of the ring: u32, the count of the last part that was taken out of it. The rest is unused. */
const HEADER_BYTES = 4096;
/** The worker knows the same number. */
const RING_BYTES = 1_048_576;

/**
 * The bytes of large answers, in memory that a worker shares with its vassal: it writes them there, one behind the other and round and
 * round, names their place in a RESPONSE frame, and they go to the client from where they are. How far they were taken out, in the order
 * of the frames, stands where the worker sees it: it never writes over what is still needed, and where there is no room it sends the
 * bytes in the frame.
 */
export class AnswerRing {
  readonly #memory: SharedMemory;

  private constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** @throws Error when the memory cannot be used */
  static attach(path: string): AnswerRing {
    return new AnswerRing(SharedMemory.attach(path, HEADER_BYTES + RING_BYTES));
  }

  /** @returns the bytes, valid until `release` @throws WorkerFrameError where there is no such place */
  read({ start, bytes }: RingPart): Buffer {
    if (start + bytes > RING_BYTES)
      throw new WorkerFrameError(
        `worker channel: ${bytes} bytes at ${start} are not in the ring of ${RING_BYTES} bytes`,
      );
    return this.#memory.bytes.subarray(HEADER_BYTES + start, HEADER_BYTES + start + bytes);
  }

  /** The worker may write over all up to these. */
  release({ count }: RingPart): void {
    this.#memory.bytes.writeUInt32LE(count);
  }

  detach(): void {
    this.#memory.detach();
  }
}
