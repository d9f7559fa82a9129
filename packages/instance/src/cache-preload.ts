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

const OPTIONS = ['load-file-in-cache', 'load-file-in-cache-gzip', 'add-cache-item'] as const;

/** What names a cache that does not exist, as sentences: uWSGI says nothing. */
export function misdirected({ options }: Config, names: readonly string[]): string[] {
  return OPTIONS.flatMap((option) =>
    options[option]
      .filter((value) => !names.includes(parse(value).cache ?? names[0] ?? ''))
      .map(
        (value) => `${option} = ${value}: there is no cache "${parse(value).cache}", there are: ${names.join(', ')}`,
      ),
  );
}

/**
 * Puts into a new cache what these options say; what is there already stays.
 * @param read gives a file's content
 */
export async function preloadCaches(
  { options }: Config,
  cache: Cache,
  read: (file: string) => Uint8Array,
  log: (line: string) => void,
): Promise<void> {
  const ofThisCache = (option: (typeof OPTIONS)[number]): string[] =>
    options[option].map(parse).flatMap(({ cache: name = cache.name, rest }) => (name === cache.name ? [rest] : []));
  const put = async (kind: string, name: string, value: Uint8Array): Promise<void> => {
    const key = Buffer.from(name, 'utf8').toString('latin1');
    const isDone = await cache.set(key, value, { onlyIfAbsent: true });
    log(`[${kind}${isDone ? '] stored' : '-error] unable to store'} "${name}" in "${cache.name}"`);
  };
  for (const file of ofThisCache('load-file-in-cache')) await put('cache', file, read(file));
  for (const file of ofThisCache('load-file-in-cache-gzip')) {
    // Lazily: few ask for it.
    const { gzipSync } = process.getBuiltinModule('node:zlib');
    await put('cache-gzip', file, gzipSync(read(file)));
  }
  for (const item of ofThisCache('add-cache-item')) {
    const equals = item.indexOf('=');
    if (equals > 0) await put('cache', item.slice(0, equals), Buffer.from(item.slice(equals + 1)));
    else log(`[cache] unable to store item ${item}`);
  }
}
