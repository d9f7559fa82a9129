import { returnFreeMemory } from '@emperor/posix';

import { collectGarbage } from './engine.ts';

/** Often enough that a busy vassal does not grow by much in between, seldom enough that a millisecond does not count. */
const INTERVAL_MS = 2000;
/**
 * Without work for so long, it is over: a whole collection also takes what V8 has compiled and learnt, and requests that come after a shorter
 * pause would pay for that.
 */
const QUIET_MS = 30_000;
/** A whole collection takes 20 ms: V8 must have taken so much more than it had behind the last one. */
const GROWTH_BYTES = 2 * 1024 * 1024;

/** How memory is given back. */
export interface MemoryMeans {
  /** Has the C library give back what was freed. */
  readonly trim: () => void;
  /** Has V8 collect all garbage and give back the pages. */
  readonly collect: () => void;
  /** What V8's heap takes of the system's memory now. */
  readonly heapBytes: () => number;
}

const MEANS_OF_PROCESS: MemoryMeans = {
  trim: returnFreeMemory,
  collect: collectGarbage,
  heapBytes: () => process.memoryUsage().heapTotal,
};

/**
 * Gives back what was freed, while there is work. Without it the C library keeps 15 to 20 MB of a vassal that has been busy for a while: what
 * V8's compilers took in their threads, and buffers. When nothing has been asked for in a while, V8's garbage goes too: V8 itself
 * sees no reason to collect it then. A vassal at rest is not woken.
 */
export class MemoryReturn {
  readonly #means: MemoryMeans;
  #isPlanned = false;
  #hasWorked = false;
  /** Runs while nothing is asked for, until that has lasted long enough. */
  #quiet: NodeJS.Timeout | undefined;
  /** What V8's heap took when it was last collected; not yet, at first: the start leaves garbage, too. */
  #collectedBytes = 0;

  constructor(means: MemoryMeans = MEANS_OF_PROCESS) {
    this.#means = means;
  }

  /** The start is over: it has compiled more than anything that follows. */
  started(): void {
    this.#means.trim();
  }

  /** Something has been done, and may have left free memory. */
  worked(): void {
    this.#hasWorked = true;
    if (!this.#isPlanned) this.#plan();
  }

  #plan(): void {
    this.#isPlanned = true;
    clearTimeout(this.#quiet);
    setTimeout(this.#look, INTERVAL_MS).unref();
  }

  readonly #look = (): void => {
    this.#isPlanned = false;
    if (this.#hasWorked) this.#plan();
    else this.#rest();
    this.#hasWorked = false;
    this.#means.trim();
  };

  #rest(): void {
    // The first requests are soon over as a rule, and behind them lies the garbage of the start.
    if (this.#collectedBytes === 0) this.#collect();
    else this.#quiet = setTimeout(this.#collect, QUIET_MS).unref();
  }

  readonly #collect = (): void => {
    const { collect, heapBytes, trim } = this.#means;
    if (heapBytes() < this.#collectedBytes + GROWTH_BYTES) return;
    collect();
    trim();
    this.#collectedBytes = heapBytes();
  };
}
