import { type CacheText, type Config, ConfigError, parseCache } from '@emperor/config';

/** One cache as the configuration describes it. */
export type CacheDefinition = CacheText;

/** Caches that cannot be together, or a definition that cannot be used. */
export class CacheDefinitionError extends Error {}

/** What came of the options. */
export interface CacheDefinitions {
  readonly definitions: readonly CacheDefinition[];
  /** Keys that have no effect, with their place: sentences for the log. */
  readonly warnings: readonly string[];
}

/** Reads `cache` and `cache2` with what goes along with them. The first one is the default cache. @throws {CacheDefinitionError} */
export function readCacheDefinitions(config: Config): CacheDefinitions {
  const { options } = config;
  const sweepSeconds = options['cache-no-expire'] ? 0 : options['cache-expire-freq'];
  const definitions: CacheDefinition[] = [];
  const warnings: string[] = [];
  if (options.cache > 0) definitions.push(defaultCache(config, sweepSeconds));
  for (const { value, origin } of config.entriesOf('cache2')) {
    const place = origin.line === 0 ? 'cache2' : `${origin.source}:${origin.line}: cache2`;
    try {
      const { cache, warnings: own } = parseCache(value, sweepSeconds);
      warnings.push(...own.map((warning) => `${place}: ${warning}`));
      if (definitions.some(({ name }) => name === cache.name))
        throw new ConfigError(`there are two caches with the name "${cache.name}"`);
      definitions.push(cache);
    } catch (error) {
      if (error instanceof ConfigError) throw new CacheDefinitionError(`${place} = ${value}: ${error.message}`);
      throw error;
    }
  }
  return { definitions, warnings };
}

/** The options of the one cache that there was before `cache2`, as one of them. */
function defaultCache({ options }: Config, sweepSeconds: number): CacheDefinition {
  const sizes = `items=${options.cache},blocksize=${options['cache-blocksize']}`;
  const sync = `store_sync=${options['cache-store-sync']}`;
  return { ...parseCache(`name=default,${sizes},${sync}`, sweepSeconds).cache, store: options['cache-store'] };
}

/** The line of the log about a new cache, with what it could come to take (UWSGI-FACTS 14.1). */
export function describeCache({
  name,
  keyBytes,
  items,
  blocks,
  blockBytes,
  hashSize,
  usesSeveralBlocks,
}: CacheDefinition): string {
  const key = KEY_HEAD_BYTES + keyBytes;
  const bitmap = usesSeveralBlocks ? Math.ceil(blocks / 8) : 0;
  const megabytes = Math.floor((key * items + blocks * blockBytes + hashSize * 8 + bitmap) / 1_048_576);
  return `*** Cache "${name}" initialized: ${megabytes}MB (key: ${key} bytes, keys: ${key * items} bytes, data: ${blocks * blockBytes} bytes, bitmap: ${bitmap} bytes) preallocated ***`;
}

/** What uWSGI keeps with each key. */
const KEY_HEAD_BYTES = 88;
