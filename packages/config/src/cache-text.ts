import { ConfigError } from './config-error.ts';

/** One cache as the configuration describes it. */
export interface CacheText {
  readonly name: string;
  /** One of them is uWSGI's own: there is room for one less. */
  readonly items: number;
  readonly blockBytes: number;
  readonly blocks: number;
  /** A value may take several blocks. */
  readonly usesSeveralBlocks: boolean;
  readonly keyBytes: number;
  readonly hash: string;
  readonly hashSize: number;
  /** File that outlives the instance, as written; undefined: the cache ends with its generation. */
  readonly store: string | undefined;
  /** Seconds between forced writes of the store; 0: the kernel decides. */
  readonly storeSyncSeconds: number;
  /** A store that cannot be used is removed. */
  readonly deletesBadStore: boolean;
  readonly purgesLeastUsed: boolean;
  readonly clearsWhenFull: boolean;
  readonly complainsWhenFull: boolean;
  /** Seconds between sweeps; 0: none. */
  readonly sweepSeconds: number;
  /** What a number begins with. */
  readonly mathInitial: bigint;
  /** Life of items that are kept without one, in seconds; 0: for ever. */
  readonly lifeSeconds: number;
  /** `redis://…`; undefined: on this machine. */
  readonly url: string | undefined;
}

/** What came of one `cache2`. */
export interface ParsedCache {
  readonly cache: CacheText;
  /** Keys that have no effect, as sentences. */
  readonly warnings: readonly string[];
}

const DEFAULT_BLOCK_BYTES = 65_536;
const DEFAULT_KEY_BYTES = 2048;
const DEFAULT_HASH_SIZE = 65_536;
const HASHES = new Set(['djb33x', 'murmur2', 'rand']);

/** Other spellings. */
const ALIASES: Readonly<Record<string, string>> = {
  'max-items': 'items',
  max_items: 'items',
  maxitems: 'items',
  key_size: 'keysize',
  hash_size: 'hashsize',
  storesync: 'store_sync',
  storedelete: 'store_delete',
  lru: 'purge_lru',
};

const NO_UDP = 'other servers are not told of changes over UDP; give the caches one url=redis://HOST:PORT instead';

/** Keys of uWSGI that mean nothing here. */
const WITHOUT_EFFECT: Readonly<Record<string, string | undefined>> = {
  udp: NO_UDP,
  udp_server: NO_UDP,
  udp_servers: NO_UDP,
  udpserver: NO_UDP,
  udpservers: NO_UDP,
  node: NO_UDP,
  nodes: NO_UDP,
  sync: 'the caches of other servers are not copied; give the caches one url=redis://HOST:PORT instead',
};

const KNOWN: ReadonlySet<string> = new Set(
  `name items blocksize blocks bitmap keysize hash hashsize store store_sync store_delete purge_lru clear_on_full
  ignore_full no_expire lazy_expire sweep_on_full sweep_freq math_initial lastmod expires url`.split(/\s+/),
);

/**
 * Reads `name=NAME,items=N,…`.
 * @param usualSweepSeconds of a cache that does not say itself how often it is swept; 0: never
 * @throws {ConfigError} with uWSGI's words
 */
export function parseCache(text: string, usualSweepSeconds: number): ParsedCache {
  const warnings: string[] = [];
  const keys = readKeys(text, (message) => warnings.push(message));
  return { cache: define(keys, usualSweepSeconds), warnings };
}

function readKeys(text: string, warn: (message: string) => void): Map<string, string> {
  const keys = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const written = (equals === -1 ? part : part.slice(0, equals)).trim();
    if (written === '') continue;
    const key = ALIASES[written] ?? written;
    const reason = WITHOUT_EFFECT[key];
    if (reason !== undefined) warn(`${written}= has no effect: ${reason}`);
    else if (!KNOWN.has(key)) warn(`there is no key "${written}"; known keys: ${[...KNOWN].join(', ')}`);
    else keys.set(key, equals === -1 ? '1' : part.slice(equals + 1).trim());
  }
  return keys;
}

function define(keys: ReadonlyMap<string, string>, usualSweepSeconds: number): CacheText {
  const name = keys.get('name') ?? '';
  if (name === '') throw new ConfigError('you have to specify a cache name');
  const number = (key: string, usual: number): number => leadingNumber(keys.get(key)) ?? usual;
  const flag = (key: string): boolean => number(key, 0) !== 0;
  const items = number('items', 0);
  if (items === 0) throw new ConfigError('you have to specify the maximum number of cache items');
  const blocks = number('blocks', items);
  if (blocks < items)
    throw new ConfigError(`invalid number of cache blocks for "${name}", must be higher than max_items (${items})`);
  const hash = keys.get('hash') ?? 'djb33x';
  if (!HASHES.has(hash)) throw new ConfigError(`invalid cache hash for "${name}"`);
  const sizes = {
    blockBytes: number('blocksize', DEFAULT_BLOCK_BYTES),
    keyBytes: number('keysize', DEFAULT_KEY_BYTES),
    hashSize: number('hashsize', DEFAULT_HASH_SIZE),
  };
  if (sizes.blockBytes === 0) throw new ConfigError(`invalid cache blocksize for "${name}"`);
  if (sizes.keyBytes === 0) throw new ConfigError(`invalid cache keysize for "${name}"`);
  if (sizes.hashSize === 0) throw new ConfigError(`invalid cache hashsize for "${name}"`);
  return {
    name,
    items,
    ...sizes,
    blocks,
    usesSeveralBlocks: flag('bitmap'),
    hash,
    store: keys.get('store'),
    storeSyncSeconds: number('store_sync', 0),
    deletesBadStore: flag('store_delete'),
    purgesLeastUsed: flag('purge_lru'),
    clearsWhenFull: flag('clear_on_full'),
    complainsWhenFull: !flag('ignore_full'),
    sweepSeconds: flag('no_expire') || flag('lazy_expire') ? 0 : number('sweep_freq', usualSweepSeconds),
    mathInitial: BigInt(number('math_initial', 0)),
    lifeSeconds: number('expires', 0),
    url: checkedUrl(keys.get('url')),
  };
}

/** Numbers as uWSGI reads them: leading digits count, other text is 0. */
function leadingNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) || number < 0 ? 0 : number;
}

function checkedUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^(redis|valkey|unix):$/.test(parsed.protocol)) {
    throw new ConfigError('cannot understand url=: expected redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]');
  }
  return url;
}
