import { existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Cache } from './cache.ts';
import type { CacheDefinition } from './cache-definition.ts';
import { openDatabase, StoreError } from './database.ts';
import { SharedSlots } from './shared-slots.ts';
import { SqliteCache } from './sqlite-cache.ts';
import { UnavailableCache } from './unavailable-cache.ts';

/** Of the file with the shared slots, behind the name of the database. */
const SLOTS_SUFFIX = '-slots';

export interface CachePlaces {
  /** Private directory for caches that end with their generation. */
  readonly directory: string;
  /** Where relative names of stores count from. */
  readonly workingDirectory: string;
  readonly log: (line: string) => void;
}

/** A cache, and where its processes find it. */
export interface OpenedCache {
  readonly cache: Cache;
  /** Path of the database; undefined: there is none, because of `url` or since it could not be opened. */
  readonly path: string | undefined;
  /** Everything that belongs to it, to be given to whom the workers run as. */
  readonly files: readonly string[];
}

/** Opens a cache. What cannot be opened is told, and stands aside: the site goes on without what it would have saved. */
export async function openCache(definition: CacheDefinition, places: CachePlaces): Promise<OpenedCache> {
  const { name, store, url } = definition;
  if (url !== undefined) {
    const { RedisCache } = await import('./redis-cache.ts');
    return { cache: new RedisCache(definition, url, places.log), path: undefined, files: [] };
  }
  const temporary = resolve(places.directory, `${encodeURIComponent(name)}.cache`);
  const kept = store === undefined ? undefined : openStore(definition, resolve(places.workingDirectory, store), places);
  return (
    kept ??
    openAt(definition, temporary, false, places) ?? { cache: new UnavailableCache(name), path: undefined, files: [] }
  );
}

/** Paths that belong to a database. */
function filesOf(path: string): string[] {
  return ['', '-wal', '-shm', SLOTS_SUFFIX].map((suffix) => path + suffix);
}

/** @returns undefined when the file cannot be used, which was told */
function openStore(definition: CacheDefinition, path: string, places: CachePlaces): OpenedCache | undefined {
  const { store, deletesBadStore } = definition;
  const { log } = places;
  const isThere = existsSync(path);
  try {
    const cache = openFile(definition, path, true, log);
    const { items } = cache.statistics();
    log(isThere ? `recovered cache from backing store file: ${store}` : `creating a new cache store file: ${store}`);
    log(`[uwsgi-cache] restored ${items} items`);
    return { cache, path, files: filesOf(path) };
  } catch (error) {
    const isCorrupt = error instanceof StoreError && error.kind === 'corrupt';
    const isForeign = error instanceof StoreError && error.kind === 'foreign';
    const reason = error instanceof Error ? error.message : String(error);
    if (isCorrupt || (isForeign && deletesBadStore)) {
      log(makeWay(path, reason, deletesBadStore, store));
      return openAt(definition, path, true, places);
    }
    const advice = isForeign ? '; remove it, name another one, or add store_delete=1' : '';
    log(
      `[cache] could not use ${store} for "${definition.name}": ${reason}; it is left alone, and what this cache holds ends with the instance${advice}`,
    );
    return undefined;
  }
}

/** Removes a file that cannot be used, or puts it aside. @returns what to say about it */
function makeWay(path: string, reason: string, removes: boolean, store: string | undefined): string {
  for (const file of filesOf(path)) {
    if (removes || file !== path) rmSync(file, { force: true });
    else renameSync(file, `${file}.damaged`);
  }
  if (removes) return `Removing invalid cache store file: ${store}`;
  return `[cache] could not use ${store}: ${reason}; it is kept as ${store}.damaged, and a new one begun`;
}

function openAt(
  definition: CacheDefinition,
  path: string,
  lasts: boolean,
  { log }: CachePlaces,
): OpenedCache | undefined {
  try {
    return { cache: openFile(definition, path, lasts, log), path, files: filesOf(path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(`[cache] could not open "${definition.name}" as ${path}: ${reason}; nothing is cached there`);
    return undefined;
  }
}

function openFile(definition: CacheDefinition, path: string, lasts: boolean, log: (line: string) => void): SqliteCache {
  const database = openDatabase(path, lasts);
  try {
    return new SqliteCache(definition, database, new SharedSlots(path + SLOTS_SUFFIX), log);
  } catch (error) {
    database.close();
    throw error;
  }
}
