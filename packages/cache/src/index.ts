export type * from './cache.ts';
export {
  type CacheDefinition,
  CacheDefinitionError,
  type CacheDefinitions,
  describeCache,
  readCacheDefinitions,
} from './cache-definition.ts';
export { monotonicSeconds, unixSeconds } from './monotonic-clock.ts';
export { type CachePlaces, openCache, type OpenedCache } from './open-cache.ts';
