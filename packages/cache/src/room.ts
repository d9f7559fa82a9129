import { Buffer } from 'node:buffer';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { CacheDefinition } from './cache-definition.ts';
import { monotonicSeconds } from './monotonic-clock.ts';
import type { SharedSlots } from './shared-slots.ts';
import type { CacheState } from './sqlite-cache.ts';

/** Candidates that are looked at together when the least recently used one is wanted. */
const CANDIDATES = 32;

/** How much a cache holds, and who has to go for something new. Works within the transactions of its cache. */
export class Room {
  readonly #definition: CacheDefinition;
  readonly #database: DatabaseSync;
  readonly #slots: SharedSlots;
  readonly #expired: StatementSync;
  readonly #leastUsed: StatementSync;
  readonly #postpone: StatementSync;
  readonly #erase: StatementSync;
  readonly #setState: StatementSync;

  constructor(definition: CacheDefinition, database: DatabaseSync, slots: SharedSlots) {
    this.#definition = definition;
    this.#database = database;
    this.#slots = slots;
    this.#expired = database.prepare(
      'SELECT COUNT(*) AS items, TOTAL(blocks) AS blocks FROM items WHERE expires > 0 AND expires <= ?',
    );
    this.#leastUsed = database.prepare(`SELECT id, key, used, blocks FROM items ORDER BY used LIMIT ${CANDIDATES}`);
    this.#postpone = database.prepare('UPDATE items SET used = ? WHERE id = ?');
    this.#erase = database.prepare('DELETE FROM items WHERE id = ?');
    this.#setState = database.prepare('UPDATE state SET seq = ?, items = ?, blocks = ?');
  }

  /** Whether the cache could hold that at all: neither may be empty, as in uWSGI. */
  fits(key: Buffer, value: Uint8Array): boolean {
    const { keyBytes, blockBytes, blocks, usesSeveralBlocks } = this.#definition;
    if (key.length === 0 || key.length > keyBytes || value.length === 0) return false;
    return value.length <= (usesSeveralBlocks ? blocks * blockBytes : blockBytes);
  }

  blocksOf(value: Uint8Array): number {
    return Math.ceil(value.length / this.#definition.blockBytes);
  }

  /** Makes room for one more item. @returns the state from then on; undefined where there is no room to be had */
  make(before: CacheState, blocks: number): CacheState | undefined {
    let state = before;
    if (this.#has(state, blocks)) return state;
    state = this.#removeExpired(state);
    if (!this.#has(state, blocks) && this.#definition.clearsWhenFull) state = this.empty(state);
    while (!this.#has(state, blocks)) {
      const purged = this.#definition.purgesLeastUsed ? this.#purge(state) : undefined;
      if (purged === undefined) return undefined;
      state = purged;
    }
    return state;
  }

  /** Removes what has expired, in a transaction of its own where there is something. @returns how many items */
  sweep(): number {
    if (Number(this.#expired.get(monotonicSeconds())?.['items']) === 0) return 0;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const row = this.#database.prepare('SELECT seq, items, blocks FROM state').get();
      const before = { seq: Number(row?.['seq']), items: Number(row?.['items']), blocks: Number(row?.['blocks']) };
      const after = this.#removeExpired(before);
      this.#database.exec('COMMIT');
      return before.items - after.items;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Removes everything. */
  empty({ seq }: CacheState): CacheState {
    this.#slots.setAllVersions(seq + 1);
    this.#database.exec('DELETE FROM items');
    return this.#note({ seq: seq + 1, items: 0, blocks: 0 });
  }

  /** One of the items is uWSGI's own. */
  #has(state: CacheState, blocks: number): boolean {
    const { items, usesSeveralBlocks, blocks: allBlocks } = this.#definition;
    if (state.items + 1 > items - 1) return false;
    return !usesSeveralBlocks || state.blocks + blocks <= allBlocks;
  }

  /** Copies of what has expired are not used by anybody, so no version changes. */
  #removeExpired(state: CacheState): CacheState {
    const now = monotonicSeconds();
    const row = this.#expired.get(now);
    const items = Number(row?.['items']);
    if (items === 0) return state;
    this.#database.prepare('DELETE FROM items WHERE expires > 0 AND expires <= ?').run(now);
    return this.#note({ seq: state.seq, items: state.items - items, blocks: state.blocks - Number(row?.['blocks']) });
  }

  /** Removes the item that was used least recently. Uses since it was written stand in the slots: reading writes nothing here. */
  #purge(state: CacheState): CacheState | undefined {
    for (;;) {
      let postponed = 0;
      for (const row of this.#leastUsed.all()) {
        const key = Buffer.from(row['key'] as Uint8Array);
        const used = this.#slots.lastUse(this.#slots.slotOf(key));
        const id = Number(row['id']);
        if (used > Number(row['used'])) {
          this.#postpone.run(used, id);
          postponed += 1;
        } else {
          this.#slots.setVersion(this.#slots.slotOf(key), state.seq + 1);
          this.#erase.run(id);
          return this.#note({
            seq: state.seq + 1,
            items: state.items - 1,
            blocks: state.blocks - Number(row['blocks']),
          });
        }
      }
      if (postponed === 0) return undefined;
    }
  }

  #note(state: CacheState): CacheState {
    this.#setState.run(state.seq, state.items, state.blocks);
    return state;
  }
}
