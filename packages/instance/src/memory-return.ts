import { returnFreeMemory } from '@emperor/posix';

/** Often enough that a busy vassal does not grow by much in between, seldom enough that a millisecond does not count. */
const INTERVAL_MS = 2000;

/**
 * Gives back what was freed, while there is work. Without it the C library keeps 15 to 20 MB of a vassal that has been busy for a while: what
 * V8's compilers took in their threads, and buffers. A vassal that rests is not woken for it.
 */
export class MemoryReturn {
  #isPlanned = false;

  /** The start is over: it has compiled more than anything that follows. */
  started(): void {
    returnFreeMemory();
  }

  /** Something has been done, and may have left free memory. */
  worked(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setTimeout(() => {
      this.#isPlanned = false;
      returnFreeMemory();
    }, INTERVAL_MS).unref();
  }
}
