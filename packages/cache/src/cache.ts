import type { Buffer } from 'node:buffer';

/** Caches on this machine answer at once, those on another one later. */
export type Eventually<T> = T | Promise<T>;

/** What a cache keeps under a key. Times are seconds of `monotonicSeconds`. */
export interface CachedItem {
  readonly value: Buffer;
  /** When it is not there any more; 0: never. */
  readonly expiresAt: number;
  /** When it begins to be stale, for pages that may be served so for a while; 0: with its end. */
  readonly freshUntil: number;
  /** What belongs to a page beside its body, as its author wrote it (JSON). */
  readonly head: string | undefined;
}

/** How something is to be kept. */
export interface Keeping {
  /** Seconds from now; 0: for ever, or for as long as the cache's own setting says. Below 0: for ever, as in uWSGI. */
  readonly seconds?: number;
  /** Seconds from now for which it is fresh. */
  readonly freshSeconds?: number;
  readonly head?: string;
  /** What is there already stays. */
  readonly onlyIfAbsent?: boolean;
}

/** Arithmetic on a value: eight bytes, a little-endian signed number, as in uWSGI. */
export type Arithmetic = 'inc' | 'dec' | 'mul' | 'div';

/** For the statistics; the fields of uWSGI's document. */
export interface CacheStatistics {
  readonly items: number;
  readonly hits: number;
  readonly misses: number;
  /** Items that were refused since there was no room. */
  readonly full: number;
  /** Unix time of the last change in seconds, or 0. */
  readonly changedAt: number;
}

/**
 * One cache. Keys are bytes, one character each. No method throws for a fault of the store: it is told to the log, what is asked for
 * is not there, and what is to be kept is not kept.
 */
export interface Cache {
  readonly name: string;
  get(key: string): Eventually<CachedItem | undefined>;
  has(key: string): Eventually<boolean>;
  /** @returns false when it was refused: too large, no room, or there already */
  set(key: string, value: Uint8Array, keeping?: Keeping): Eventually<boolean>;
  /** @returns whether there was something */
  delete(key: string): Eventually<boolean>;
  clear(): Eventually<boolean>;
  keys(): Eventually<string[]>;
  /** What is not there counts as 0 (`math_initial`). @returns false when it was refused */
  calculate(key: string, operation: Arithmetic, operand: bigint, seconds?: number): Eventually<boolean>;
  /** What is not there, or is no number, is 0. */
  number(key: string): Eventually<bigint>;
  statistics(): CacheStatistics;
  /** Removes what has expired. @returns how many items */
  sweep(): Eventually<number>;
  /** Has a store written to the disk. */
  sync(): Eventually<void>;
  close(): Eventually<void>;
}
