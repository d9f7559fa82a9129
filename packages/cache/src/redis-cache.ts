import { Buffer } from 'node:buffer';

import { Redis } from 'ioredis';

import type { Arithmetic, Cache, CachedItem, CacheStatistics, Keeping } from './cache.ts';
import type { CacheDefinition } from './cache-definition.ts';
import { monotonicSeconds } from './monotonic-clock.ts';
import { calculate, decodeNumber, encodeNumber } from './number-value.ts';

/*
 * Keys on the server, NAME being that of the cache; the workers use the same (`emperor_worker/caches/redis.py`):
 *
 *   NAME:KEY       the value
 *   NAME\0KEY      what belongs to a page beside its body: a time of its freshness in unix milliseconds, a line feed, the head
 */

const CONNECT_MS = 1000;
/** An answer that takes longer than the app would is no help. */
const COMMAND_MS = 1000;
const RECONNECT_MS = 500;
/** Keys asked for at once where all are wanted. */
const SCAN_COUNT = 1000;
/** Attempts at a calculation that others keep coming between. */
const ATTEMPTS = 20;
/** Changes that could not be told to the server and have to be made good; with more of them everything is removed. */
const MOST_DEBTS = 1000;

/** A cache on a Redis or Valkey server, shared by any number of machines. Its room is the server's business (`maxmemory`). */
export class RedisCache implements Cache {
  readonly name: string;
  readonly #definition: CacheDefinition;
  readonly #log: (line: string) => void;
  readonly #client: Redis;
  #isLost = false;
  #hits = 0;
  #misses = 0;
  /** Keys whose change did not reach the server: what is there is too old. `all` when there are too many to remember. */
  #debts: Set<string> | 'all' = new Set();
  /** Calculations take turns: a transaction belongs to the connection, which they share. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(definition: CacheDefinition, url: string, log: (line: string) => void) {
    this.name = definition.name;
    this.#definition = definition;
    this.#log = log;
    this.#client = new Redis(url.replace(/^valkey:/, 'redis:').replace(/^unix:\/*/, '/'), {
      connectTimeout: CONNECT_MS,
      commandTimeout: COMMAND_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => RECONNECT_MS,
    });
    this.#client.on('error', (error: Error) => this.#lost(error));
    this.#client.on('ready', () => void this.#found());
  }

  async get(key: string): Promise<CachedItem | undefined> {
    const item = await this.#attempt('read', () => this.#read(key), undefined);
    if (item === undefined) this.#misses += 1;
    else this.#hits += 1;
    return item;
  }

  async #read(key: string): Promise<CachedItem | undefined> {
    const { value: valueKey, head: headKey } = this.#keysOf(key);
    const replies = await this.#client.pipeline().getBuffer(valueKey).getBuffer(headKey).pttl(valueKey).exec();
    const [value, head, remaining] = (replies ?? []).map(([error, reply]) => {
      if (error !== null) throw error;
      return reply;
    });
    if (!Buffer.isBuffer(value)) return undefined;
    const now = monotonicSeconds();
    const text = Buffer.isBuffer(head) ? head.toString('utf8') : '';
    const line = text.indexOf('\n');
    const freshUntilMs = Number(text.slice(0, Math.max(line, 0)));
    return {
      value,
      expiresAt: typeof remaining === 'number' && remaining > 0 ? now + remaining / 1000 : 0,
      freshUntil: freshUntilMs > 0 ? now + (freshUntilMs - Date.now()) / 1000 : 0,
      head: line === -1 ? undefined : text.slice(line + 1),
    };
  }

  async has(key: string): Promise<boolean> {
    return this.#attempt('read', async () => (await this.#client.exists(this.#keysOf(key).value)) === 1, false);
  }

  async set(key: string, value: Uint8Array, keeping: Keeping = {}): Promise<boolean> {
    if (!this.#fits(key, value)) return false;
    const { seconds = 0, freshSeconds = 0, head, onlyIfAbsent = false } = keeping;
    const life = (seconds === 0 ? this.#definition.lifeSeconds : seconds) * 1000;
    const expiry = life > 0 ? (['PX', Math.max(1, Math.round(life))] as const) : [];
    const keys = this.#keysOf(key);
    const isDone = await this.#change(key, async () => {
      const words: (Buffer | string | number)[] = [keys.value, Buffer.from(value), ...expiry];
      if (onlyIfAbsent) words.push('NX');
      if ((await this.#client.call('SET', ...words)) !== 'OK') return false;
      if (head === undefined) await this.#client.del(keys.head);
      else await this.#client.call('SET', keys.head, `${freshUntil(freshSeconds)}\n${head}`, ...expiry);
      return true;
    });
    return isDone;
  }

  async delete(key: string): Promise<boolean> {
    const { value, head } = this.#keysOf(key);
    return this.#change(key, async () => (await this.#client.del(value, head)) > 0);
  }

  async clear(): Promise<boolean> {
    return this.#change(undefined, async () => {
      await this.#removeAll();
      return true;
    });
  }

  async keys(): Promise<string[]> {
    const prefix = `${this.name}:`;
    return this.#attempt(
      'list',
      async () => {
        const keys: string[] = [];
        for await (const found of this.#scan(`${escapePattern(prefix)}*`))
          keys.push(found.toString('latin1').slice(Buffer.byteLength(prefix)));
        return keys;
      },
      [],
    );
  }

  calculate(key: string, operation: Arithmetic, operand: bigint, seconds = 0): Promise<boolean> {
    const turn = this.#turn.then(() => this.#change(key, () => this.#calculate(key, operation, operand, seconds)));
    this.#turn = turn;
    return turn;
  }

  async #calculate(key: string, operation: Arithmetic, operand: bigint, seconds: number): Promise<boolean> {
    const { value: name } = this.#keysOf(key);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.#client.watch(name);
      const old = await this.#client.getBuffer(name);
      const number = old === null ? this.#definition.mathInitial : decodeNumber(old);
      if (number === undefined) {
        await this.#client.unwatch();
        return false;
      }
      const value = encodeNumber(calculate(number, operation, operand));
      const life = old === null && seconds > 0 ? ['PX', seconds * 1000] : old === null ? [] : ['KEEPTTL'];
      const done = await this.#client
        .multi()
        .call('SET', name, value, ...life)
        .exec();
      if (done !== null) return true;
    }
    return false;
  }

  async number(key: string): Promise<bigint> {
    const item = await this.get(key);
    return (item === undefined ? undefined : decodeNumber(item.value)) ?? 0n;
  }

  statistics(): CacheStatistics {
    return { items: 0, hits: this.#hits, misses: this.#misses, full: 0, changedAt: 0 };
  }

  /** The server does it. */
  sweep(): number {
    return 0;
  }

  /** The server does that, too. */
  sync(): void {}

  close(): void {
    this.#client.disconnect();
  }

  /** Room is the server's business; what would be too large here is too large there, so that a configuration behaves the same. */
  #fits(key: string, value: Uint8Array): boolean {
    const { keyBytes, blockBytes, blocks, usesSeveralBlocks } = this.#definition;
    if (key === '' || key.length > keyBytes || value.length === 0) return false;
    return value.length <= (usesSeveralBlocks ? blocks * blockBytes : blockBytes);
  }

  #keysOf(key: string): { readonly value: Buffer; readonly head: Buffer } {
    return {
      value: Buffer.concat([Buffer.from(`${this.name}:`), Buffer.from(key, 'latin1')]),
      head: Buffer.concat([Buffer.from(`${this.name}\0`), Buffer.from(key, 'latin1')]),
    };
  }

  async *#scan(pattern: string): AsyncGenerator<Buffer> {
    let cursor = '0';
    do {
      const [next, found] = await this.#client.scanBuffer(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
      yield* found;
      cursor = next.toString();
    } while (cursor !== '0');
  }

  async #removeAll(): Promise<void> {
    for (const mark of [':', '\0'])
      for await (const key of this.#scan(`${escapePattern(this.name + mark)}*`)) await this.#client.unlink(key);
  }

  /** A change that does not reach the server is made good as soon as that is there again, before anything is read from it. */
  async #change(key: string | undefined, run: () => Promise<boolean>): Promise<boolean> {
    let reached = false;
    const done = await this.#attempt(
      'write',
      async () => {
        const result = await run();
        reached = true;
        return result;
      },
      false,
    );
    if (!reached) this.#owe(key);
    return done;
  }

  #owe(key: string | undefined): void {
    if (this.#debts === 'all') return;
    if (key === undefined || this.#debts.size >= MOST_DEBTS) this.#debts = 'all';
    else this.#debts.add(key);
  }

  async #payDebts(): Promise<void> {
    const debts = this.#debts;
    if (debts === 'all') await this.#removeAll();
    else for (const key of debts) await this.#client.del(this.#keysOf(key).value, this.#keysOf(key).head);
    this.#debts = new Set();
  }

  async #attempt<T>(what: string, run: () => Promise<T>, otherwise: T): Promise<T> {
    if (this.#client.status !== 'ready') return otherwise;
    try {
      if (this.#debts === 'all' || this.#debts.size > 0) await this.#payDebts();
      return await run();
    } catch (error) {
      this.#lost(error instanceof Error ? error : new Error(`could not ${what}`));
      return otherwise;
    }
  }

  /** Said once. */
  #lost(error: Error): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#log(`[cache] lost the server of "${this.name}": ${error.message}; until it is back nothing is cached there`);
  }

  async #found(): Promise<void> {
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#log(`[cache] the server of "${this.name}" is back`);
  }
}

function freshUntil(freshSeconds: number): number {
  return freshSeconds > 0 ? Math.round(Date.now() + freshSeconds * 1000) : 0;
}

/** The name of a cache as it stands in a pattern of Redis. */
function escapePattern(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, (mark) => `\\${mark}`);
}
