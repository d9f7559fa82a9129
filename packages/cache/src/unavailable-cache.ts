import type { Cache, CacheStatistics } from './cache.ts';

const NOTHING: CacheStatistics = { items: 0, hits: 0, misses: 0, full: 0, changedAt: 0 };

/** Stands for a cache that could not be opened: keeps nothing, so everything is as slow as without a cache, and right. */
export class UnavailableCache implements Cache {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  get(): undefined {
    return undefined;
  }

  has(): boolean {
    return false;
  }

  set(): boolean {
    return false;
  }

  delete(): boolean {
    return false;
  }

  clear(): boolean {
    return false;
  }

  keys(): string[] {
    return [];
  }

  calculate(): boolean {
    return false;
  }

  number(): bigint {
    return 0n;
  }

  statistics(): CacheStatistics {
    return NOTHING;
  }

  sweep(): number {
    return 0;
  }

  sync(): void {}

  close(): void {}
}
