import { Redis } from 'ioredis';

import { decodeVars, type JobContent, type JobQueue, type JobRow, type JobState, NO_PRIORITY } from './job-queue.ts';

/** What lies there is described in emperor_worker/redis_job_store.py. */
const PREFIX = 'emperor:jobs:';
const ORDER: Readonly<Record<JobState, number>> = { running: 0, waiting: 1, dead: 2 };

/** @returns 1 when the job was there and does not run */
const RETRY = `
local job = KEYS[1] .. 'job:' .. ARGV[1]
local state = redis.call('HGET', job, 'state')
if not state or state == 'running' then return 0 end
redis.call('SREM', KEYS[1] .. 'dead', ARGV[1])
redis.call('ZREM', KEYS[1] .. 'ready', ARGV[1])
redis.call('HSET', job, 'state', 'waiting', 'attempts', 0, 'due', 0, 'reason', '')
redis.call('ZADD', KEYS[1] .. 'later', 0, ARGV[1])
return 1`;
const DROP = `
local job = KEYS[1] .. 'job:' .. ARGV[1]
local fields = redis.call('HMGET', job, 'state', 'name')
if not fields[1] or fields[1] == 'running' then return 0 end
redis.call('HDEL', KEYS[1] .. 'names', fields[2])
redis.call('SREM', KEYS[1] .. 'dead', ARGV[1])
redis.call('ZREM', KEYS[1] .. 'ready', ARGV[1])
redis.call('ZREM', KEYS[1] .. 'later', ARGV[1])
redis.call('DEL', job)
return 1`;

/** The jobs on one Redis or Valkey, for the operator. */
export class JobRedis implements JobQueue {
  readonly #place: string;
  readonly #client: Redis;

  constructor(url: string) {
    this.#place = url.replace(/\/\/[^/@]*@/, '//');
    this.#client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
    // Told by the command that fails.
    this.#client.on('error', () => {});
  }

  close(): void {
    this.#client.disconnect();
  }

  async list(): Promise<JobRow[]> {
    const keys = await this.#client.hvals(`${PREFIX}names`);
    const rows = await Promise.all(keys.toSorted().map((key) => this.#row(key)));
    return rows.filter((row) => row !== undefined).toSorted((a, b) => ORDER[a.state] - ORDER[b.state]);
  }

  async content(name: string): Promise<JobContent | undefined> {
    const key = await this.#client.hget(`${PREFIX}names`, name);
    if (key === null) return undefined;
    const [vars, body] = await this.#client.hmgetBuffer(`${PREFIX}job:${key}`, 'vars', 'body');
    if (vars === null || vars === undefined) return undefined;
    return { vars: decodeVars(vars), body: body ?? undefined };
  }

  retry(name: string | undefined): Promise<number> {
    return this.#forEach(RETRY, name);
  }

  drop(name: string | undefined): Promise<number> {
    return this.#forEach(DROP, name);
  }

  async #forEach(script: string, name: string | undefined): Promise<number> {
    const keys =
      name === undefined
        ? await this.#client.smembers(`${PREFIX}dead`)
        : [(await this.#client.hget(`${PREFIX}names`, name)) ?? ''];
    const counts = await Promise.all(keys.map((key) => this.#client.eval(script, 1, PREFIX, key)));
    return counts.reduce<number>((sum, count) => sum + Number(count), 0);
  }

  async #row(key: string): Promise<JobRow | undefined> {
    const job = `${PREFIX}job:${key}`;
    const fields = ['name', 'state', 'priority', 'attempts', 'spooled', 'due', 'reason'] as const;
    const [name, state, priority, attempts, spooled, due, reason] = await this.#client.hmget(job, ...fields);
    // It has been done meanwhile.
    if (typeof name !== 'string' || typeof state !== 'string') return undefined;
    const sizes = await Promise.all([this.#client.hstrlen(job, 'vars'), this.#client.hstrlen(job, 'body')]);
    return {
      place: this.#place,
      name,
      state: state as JobState,
      priority: Number(priority) === NO_PRIORITY ? undefined : Number(priority),
      attempts: Number(attempts),
      spooled: Number(spooled),
      due: Number(due),
      bytes: sizes[0] + sizes[1],
      reason: reason === '' || reason === null ? undefined : reason,
    };
  }
}
