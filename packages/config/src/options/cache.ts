/** The shared cache. */
export const CACHE = {
  cache: { kind: 'integer', min: 0, help: 'a cache of N items, named default' },
  cache2: {
    kind: 'list',
    form: 'CACHE',
    help: 'a cache, name=NAME,items=N[,blocksize=BYTES,store=FILE,purge_lru=1,url=redis://HOST,…]',
  },
  'cache-blocksize': { kind: 'bytes', default: 65_536, min: 1, help: 'largest value in cache' },
  'cache-store': { kind: 'text', help: 'file to keep cache in' },
  'cache-store-sync': { kind: 'seconds', min: 0, help: 'pause between writes of that file' },
  'cache-no-expire': { kind: 'flag', help: 'do not sweep expired items' },
  'cache-expire-freq': { kind: 'seconds', default: 3, min: 1, help: 'pause between sweeps' },
  'cache-report-freed-items': { kind: 'flag', help: 'log the swept items' },
  'cache-use-last-modified': {
    kind: 'flag',
    accepted: 'the time of the last change is always noted',
    help: 'note the time of every change',
  },
  'add-cache-item': { kind: 'list', help: 'put an item into a cache, or all of them, [CACHE ]KEY=VALUE' },
  'load-file-in-cache': { kind: 'list', help: 'put a file into a cache, or all of them, [CACHE ]FILE' },
  'load-file-in-cache-gzip': { kind: 'list', help: 'put a compressed file into a cache, or all of them, [CACHE ]FILE' },
  'check-cache': { kind: 'text', omitted: '', help: 'answer from this cache where it has the path' },
} as const;
