import { Buffer } from 'node:buffer';

import { Redis } from 'ioredis';

import type { Arithmetic, Cache, CachedItem, CacheStatistics, Keeping } from './cache.ts';
import type { CacheDefinition } from './cache-definition.ts';
import { monotonicSeconds } from './monotonic-clock.ts';
import { calculate, decodeNumber, encodeNumber } from './number-value.ts';
import { RedisLink } from './redis-link.ts';

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

/** A cache on a Redis or Valkey server, shared by any number of machines. Its room is the server's business (`maxmemory`). */
export class RedisCache implements Cache {
  readonly name: string;
  readonly #definition: CacheDefinition;
  readonly #client: Redis;
  readonly #link: RedisLink;
  #hits = 0;
  #misses = 0;
  /** Calculations take turns: a transaction belongs to the connection, which they share. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(definition: CacheDefinition, url: string, log: (line: string) => void) {
    this.name = definition.name;
    this.#definition = definition;
    this.#client = new Redis(url.replace(/^valkey:/, 'redis:').replace(/^unix:\/*/, '/'), {
      connectTimeout: CONNECT_MS,
      commandTimeout: COMMAND_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => RECONNECT_MS,
    });
    this.#link = new RedisLink(definition.name, this.#client, log, (key) => this.#remove(key));
  }

  async get(key: string): Promise<CachedItem | undefined> {
    const item = await this.#link.attempt('read', () => this.#read(key), undefined);
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
    return this.#link.attempt('read', async () => (await this.#client.exists(this.#keysOf(key).value)) === 1, false);
  }

  async set(key: string, value: Uint8Array, keeping: Keeping = {}): Promise<boolean> {
    if (!this.#fits(key, value)) return false;
    const { seconds = 0, freshSeconds = 0, head, onlyIfAbsent = false } = keeping;
    const life = (seconds === 0 ? this.#definition.lifeSeconds : seconds) * 1000;
    const expiry = life > 0 ? (['PX', Math.max(1, Math.round(life))] as const) : [];
    const keys = this.#keysOf(key);
    const isDone = await this.#link.change(key, async () => {
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
    return this.#link.change(key, () => this.#remove(key));
  }

  async clear(): Promise<boolean> {
    return this.#link.change(undefined, () => this.#remove(undefined));
  }

  async keys(): Promise<string[]> {
    const prefix = `${this.name}:`;
    return this.#link.attempt(
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
    const turn = this.#turn.then(() => this.#link.change(key, () => this.#calculate(key, operation, operand, seconds)));
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

  /** @param key undefined: all of them */
  async #remove(key: string | undefined): Promise<boolean> {
    if (key !== undefined) {
      const { value, head } = this.#keysOf(key);
      return (await this.#client.del(value, head)) > 0;
    }
    for (const mark of [':', '\0'])
      for await (const found of this.#scan(`${escapePattern(this.name + mark)}*`)) await this.#client.unlink(found);
    return true;
  }
}

function freshUntil(freshSeconds: number): number {
  return freshSeconds > 0 ? Math.round(Date.now() + freshSeconds * 1000) : 0;
}

/** The name of a cache as it stands in a pattern of Redis. */
function escapePattern(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, (mark) => `\\${mark}`);
}
