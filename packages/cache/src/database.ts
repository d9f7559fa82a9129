import { closeSync, openSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { monotonicSeconds } from './monotonic-clock.ts';

/** "EMCC": tells our files from those of others. */
const APPLICATION_ID = 0x45_4d_43_43;
/** Of what follows. */
const SCHEMA_VERSION = 1;
/** How long the event loop may stand still for a process that is just writing; it takes a fraction of that. */
export const BUSY_MS = 100;
const CACHE_KILOBYTES = 512;

/*
 * `seq` counts changes. `expires` and `fresh` are times of the monotonic clock, so that a clock that is set changes nothing; `boot` and
 * `clock_offset` translate them after a restart of the machine.
 */
const SCHEMA = `
  CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    value BLOB NOT NULL,
    expires REAL NOT NULL,
    used INTEGER NOT NULL,
    blocks INTEGER NOT NULL,
    head TEXT,
    fresh REAL NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX items_by_expiry ON items (expires) WHERE expires > 0;
  CREATE INDEX items_by_use ON items (used);
  CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    items INTEGER NOT NULL,
    blocks INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    boot TEXT NOT NULL,
    clock_offset REAL NOT NULL
  ) STRICT;
  INSERT INTO state VALUES (1, 0, 0, 0, 0, '', 0);
`;

/** What a file turned out to be that cannot be used. */
export type UnusableStore = 'foreign' | 'corrupt';

/** @param kind `foreign`: not ours, to be left alone */
export class StoreError extends Error {
  readonly kind: UnusableStore;

  constructor(kind: UnusableStore, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/**
 * Opens the file of a cache, or makes it.
 * @param lasts it is to survive the machine as well, at the price of waiting for the disk now and then
 * @throws StoreError when the file is there and cannot be used; other errors are those of the file system
 */
export function openDatabase(path: string, lasts: boolean): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  // Nobody else's business: what SQLite makes itself has the permissions of this file.
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    prepare(database, lasts);
  } catch (error) {
    database.close();
    throw error instanceof StoreError ? error : explain(error);
  }
  return database;
}

function prepare(database: DatabaseSync, lasts: boolean): void {
  const isNew = numberOf(database, 'PRAGMA page_count') === 0;
  if (!isNew && numberOf(database, 'PRAGMA application_id') !== APPLICATION_ID)
    throw new StoreError('foreign', 'it is a database of another program');
  if (!isNew && numberOf(database, 'PRAGMA user_version') !== SCHEMA_VERSION)
    throw new StoreError('corrupt', 'it was written by another version of this program');
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${lasts ? 'NORMAL' : 'OFF'};
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${CACHE_KILOBYTES};
  `);
  if (isNew) {
    database.exec(
      `BEGIN; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
    );
  } else if (database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') {
    throw new StoreError('corrupt', 'it is damaged');
  }
  followClock(database);
}

/** Times of an earlier life of the machine become those of this one. */
function followClock(database: DatabaseSync): void {
  const offset = Date.now() / 1000 - monotonicSeconds();
  const boot = bootId();
  const state = database.prepare('SELECT boot, clock_offset FROM state').get();
  if (state === undefined) throw new StoreError('corrupt', 'it is damaged');
  if (state['boot'] !== boot || boot === '') {
    const shift = Number(state['clock_offset']) - offset;
    const translate = database.prepare('UPDATE items SET expires = expires + ?, fresh = fresh + ? WHERE expires > 0');
    translate.run(shift, shift);
  }
  database.prepare('UPDATE state SET boot = ?, clock_offset = ?').run(boot, offset);
}

/** Changes with each start of the machine; empty where there is no such thing. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(pragma).get() ?? {})[0]);
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function explain(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === SQLITE_NOTADB) return new StoreError('foreign', 'it is no database', { cause: error });
  if (code === SQLITE_CORRUPT) return new StoreError('corrupt', 'it is damaged', { cause: error });
  return error;
}

/** Another process holds the database for longer than one waits. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

/** The primary code of an error of SQLite; undefined for another error. */
function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
