import type { Cache } from '@emperor/cache';
import type { Config } from '@emperor/config';

/** What an option says is to be in a cache; `cache` is undefined where it is to be in all of them, as in uWSGI. */
interface Preloaded {
  readonly cache: string | undefined;
  readonly rest: string;
}

/** `[CACHE ]REST`. */
function parse(value: string): Preloaded {
  const blank = value.indexOf(' ');
  return blank === -1
    ? { cache: undefined, rest: value }
    : { cache: value.slice(0, blank), rest: value.slice(blank + 1) };
}

/**
 * Puts into a new cache what `load-file-in-cache`, `load-file-in-cache-gzip` and `add-cache-item` say; what is there already stays.
 * @param read gives a file's content
 */
export async function preloadCaches(
  { options }: Config,
  cache: Cache,
  read: (file: string) => Uint8Array,
  log: (line: string) => void,
): Promise<void> {
  const ofThisCache = (value: string): Preloaded[] => {
    const preloaded = parse(value);
    return preloaded.cache === undefined || preloaded.cache === cache.name ? [preloaded] : [];
  };
  for (const { rest: file } of options['load-file-in-cache'].flatMap(ofThisCache)) {
    log(storedLine('cache', await put(cache, file, read(file)), file, cache.name));
  }
  for (const { rest: file } of options['load-file-in-cache-gzip'].flatMap(ofThisCache)) {
    // Lazily: few ask for it.
    const { gzipSync } = process.getBuiltinModule('node:zlib');
    log(storedLine('cache-gzip', await put(cache, file, gzipSync(read(file))), file, cache.name));
  }
  for (const { rest: item } of options['add-cache-item'].flatMap(ofThisCache)) {
    const equals = item.indexOf('=');
    const isDone = equals > 0 && (await put(cache, item.slice(0, equals), Buffer.from(item.slice(equals + 1))));
    log(
      isDone ? `[cache] stored "${item.slice(0, equals)}" in "${cache.name}"` : `[cache] unable to store item ${item}`,
    );
  }
}

async function put(cache: Cache, key: string, value: Uint8Array): Promise<boolean> {
  return cache.set(Buffer.from(key, 'utf8').toString('latin1'), value, { onlyIfAbsent: true });
}

function storedLine(kind: string, isDone: boolean, file: string, cache: string): string {
  return isDone
    ? `[${kind}] stored "${file}" in "${cache}"`
    : `[${kind}-error] unable to store "${file}" in "${cache}"`;
}
