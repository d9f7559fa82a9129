import type { Cache } from '@emperor/cache';
import type { Exchange } from '@emperor/http';

/** The caches of an instance, as its rules use them. */
export interface RouteCaches {
  /** The default one first. */
  readonly names: readonly string[];
  /** The cache of that name, the default one for an empty name. */
  find(name: string): Cache | undefined;
  /** Sends a request of nobody's through all that requests go through: its answer is for the cache. */
  refresh(exchange: Exchange): void;
  /** Such a request is over. */
  refreshed(): void;
}
