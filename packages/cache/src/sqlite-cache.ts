import { Buffer } from 'node:buffer';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { Arithmetic, Cache, CachedItem, CacheStatistics, Keeping } from './cache.ts';
import type { CacheDefinition } from './cache-definition.ts';
import { CopiedItems } from './copied-items.ts';
import { monotonicSeconds } from './monotonic-clock.ts';
import { calculate, decodeNumber, encodeNumber } from './number-value.ts';
import { Room } from './room.ts';
import type { SharedSlots } from './shared-slots.ts';
import { Transactions } from './transactions.ts';

/** Numbers of the table `state`. */
export interface CacheState {
  readonly seq: number;
  readonly items: number;
  readonly blocks: number;
}

/** What is about to be kept. */
interface NewItem {
  readonly bytes: Buffer;
  readonly value: Uint8Array;
  readonly expires: number;
  readonly fresh: number;
  readonly head: string | null;
}

/** A cache in a database of this machine. The workers use the same file (`emperor_worker/caches/store.py`). */
export class SqliteCache implements Cache {
  readonly name: string;
  readonly #definition: CacheDefinition;
  readonly #database: DatabaseSync;
  readonly #slots: SharedSlots;
  readonly #room: Room;
  readonly #log: (line: string) => void;
  readonly #copies = new CopiedItems();
  readonly #select: StatementSync;
  readonly #find: StatementSync;
  readonly #state: StatementSync;
  readonly #setState: StatementSync;
  readonly #write: StatementSync;
  readonly #erase: StatementSync;
  readonly #transactions: Transactions;
  #isClosed = false;

  constructor(definition: CacheDefinition, database: DatabaseSync, slots: SharedSlots, log: (line: string) => void) {
    this.name = definition.name;
    this.#definition = definition;
    this.#database = database;
    this.#slots = slots;
    this.#log = log;
    this.#transactions = new Transactions(definition.name, database, log);
    this.#room = new Room(definition, database, slots);
    this.#select = database.prepare(
      'SELECT value, expires, fresh, head, (SELECT seq FROM state) AS seq FROM items WHERE key = ?',
    );
    this.#find = database.prepare('SELECT id, expires, blocks, value FROM items WHERE key = ?');
    this.#state = database.prepare('SELECT seq, items, blocks FROM state');
    this.#setState = database.prepare('UPDATE state SET seq = ?, items = ?, blocks = ?, changed = ?');
    this.#write = database.prepare(
      'INSERT INTO items (key, value, expires, used, blocks, head, fresh) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#erase = database.prepare('DELETE FROM items WHERE id = ?');
  }

  get(key: string): CachedItem | undefined {
    const item = this.#look(key);
    this.#slots.count(item === undefined ? 'misses' : 'hits');
    return item;
  }

  has(key: string): boolean {
    return this.#look(key) !== undefined;
  }

  #look(key: string): CachedItem | undefined {
    const copy = this.#copies.get(key);
    if (copy !== undefined && this.#slots.version(copy.slot) === copy.version) {
      if (hasExpired(copy.item)) return undefined;
      if (this.#definition.purgesLeastUsed) this.#slots.use(copy.slot);
      return copy.item;
    }
    return this.#transactions.attempt('read', () => this.#read(key), undefined);
  }

  #read(key: string): CachedItem | undefined {
    const bytes = Buffer.from(key, 'latin1');
    const slot = this.#slots.slotOf(bytes);
    const version = this.#slots.version(slot);
    const row = this.#select.get(bytes);
    if (row === undefined) return undefined;
    const item: CachedItem = {
      value: asBuffer(row['value']),
      expiresAt: Number(row['expires']),
      freshUntil: Number(row['fresh']),
      head: typeof row['head'] === 'string' ? row['head'] : undefined,
    };
    // A change that is not committed yet has the higher number: what was read may be what it replaces.
    if (version <= Number(row['seq'])) this.#copies.keep(key, { item, slot, version });
    if (hasExpired(item)) return undefined;
    if (this.#definition.purgesLeastUsed) this.#slots.use(slot);
    return item;
  }

  set(key: string, value: Uint8Array, keeping: Keeping = {}): boolean {
    const bytes = Buffer.from(key, 'latin1');
    if (!this.#room.fits(bytes, value)) return false;
    return this.#transactions.change('write', () => {
      const found = this.#find.get(bytes);
      if (keeping.onlyIfAbsent === true && found !== undefined && !isOver(Number(found['expires']))) return false;
      return this.#put(found, { bytes, value, ...this.#times(keeping), head: keeping.head ?? null });
    });
  }

  delete(key: string): boolean {
    const bytes = Buffer.from(key, 'latin1');
    return this.#transactions.change('delete', () => {
      const found = this.#find.get(bytes);
      if (found === undefined) return false;
      const { seq, items, blocks } = this.#currentState();
      this.#erase.run(Number(found['id']));
      this.#commit(seq + 1, items - 1, blocks - Number(found['blocks']), bytes);
      return !isOver(Number(found['expires']));
    });
  }

  clear(): boolean {
    return this.#transactions.change('clear', () => {
      this.#room.empty(this.#currentState());
      return true;
    });
  }

  keys(): string[] {
    const statement = 'SELECT key FROM items WHERE expires = 0 OR expires > ? ORDER BY id';
    return this.#transactions.attempt(
      'list',
      () =>
        this.#database
          .prepare(statement)
          .all(monotonicSeconds())
          .map((row) => asBuffer(row['key']).toString('latin1')),
      [],
    );
  }

  calculate(key: string, operation: Arithmetic, operand: bigint, seconds = 0): boolean {
    const bytes = Buffer.from(key, 'latin1');
    if (!this.#room.fits(bytes, encodeNumber(0n))) return false;
    return this.#transactions.change('calculate', () => {
      const found = this.#find.get(bytes);
      const isThere = found !== undefined && !isOver(Number(found['expires']));
      const number = isThere ? decodeNumber(asBuffer(found['value'])) : this.#definition.mathInitial;
      if (number === undefined) return false;
      const times = isThere ? { expires: Number(found['expires']), fresh: 0 } : this.#times({ seconds });
      const value = encodeNumber(calculate(number, operation, operand));
      return this.#put(found, { bytes, value, ...times, head: null });
    });
  }

  number(key: string): bigint {
    const item = this.#look(key);
    return (item === undefined ? undefined : decodeNumber(item.value)) ?? 0n;
  }

  statistics(): CacheStatistics {
    const state = this.#transactions.attempt(
      'describe',
      () => this.#database.prepare('SELECT items, changed FROM state').get(),
      undefined,
    );
    return {
      items: Number(state?.['items'] ?? 0),
      changedAt: Number(state?.['changed'] ?? 0),
      ...this.#slots.totals(),
    };
  }

  sweep(): number {
    return this.#transactions.attempt('sweep', () => this.#room.sweep(), 0);
  }

  sync(): void {
    this.#transactions.attempt('sync', () => this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)'), undefined);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#slots.close();
    try {
      this.#database.close();
    } catch {
      // Closed already, or full disk: what is in the log of the database is not lost.
    }
  }

  #times({ seconds = 0, freshSeconds = 0 }: Keeping): { expires: number; fresh: number } {
    const life = seconds === 0 ? this.#definition.lifeSeconds : seconds;
    const now = monotonicSeconds();
    return { expires: life > 0 ? now + life : 0, fresh: freshSeconds > 0 ? now + freshSeconds : 0 };
  }

  /** Writes an item in place of the one that was found, within a transaction. @returns false where there is no room */
  #put(found: Record<string, unknown> | undefined, item: NewItem): boolean {
    const blocks = this.#room.blocksOf(item.value);
    const state = this.#room.make(this.#withoutFound(found), blocks);
    if (state === undefined) {
      this.#slots.count('full');
      if (this.#definition.complainsWhenFull) this.#log(`*** DANGER cache "${this.name}" is FULL !!! ***`);
      return false;
    }
    const { bytes, value, expires, fresh, head } = item;
    this.#write.run(bytes, value, expires, this.#slots.tick(), blocks, head, fresh);
    this.#commit(state.seq + 1, state.items + 1, state.blocks + blocks, bytes);
    return true;
  }

  /** What an item is replaced by needs the room of a new one; a change that is refused brings it back. */
  #withoutFound(found: Record<string, unknown> | undefined): CacheState {
    const state = this.#currentState();
    if (found === undefined) return state;
    this.#erase.run(Number(found['id']));
    return { seq: state.seq, items: state.items - 1, blocks: state.blocks - Number(found['blocks']) };
  }

  /** Notes a change of one key, before it is committed. */
  #commit(seq: number, items: number, blocks: number, key: Buffer): void {
    this.#slots.setVersion(this.#slots.slotOf(key), seq);
    this.#setState.run(seq, items, blocks, Math.floor(Date.now() / 1000));
  }

  #currentState(): CacheState {
    const row = this.#state.get();
    return { seq: Number(row?.['seq']), items: Number(row?.['items']), blocks: Number(row?.['blocks']) };
  }
}

function hasExpired({ expiresAt }: CachedItem): boolean {
  return isOver(expiresAt);
}

function isOver(expires: number): boolean {
  return expires > 0 && expires <= monotonicSeconds();
}

function asBuffer(value: unknown): Buffer {
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
