import { Buffer } from 'node:buffer';

import type { Redis } from 'ioredis';

import { QUEUE_PREFIX } from './remote-job.ts';

/** Bodies whose job never came, or is done, are forgotten after a day. */
const FORGOTTEN_SECONDS = 86_400;

/** The bodies of jobs, which may be large, as values of their own on the server of the queue: `emperor:body:NAME`. */
export class JobBodies {
  readonly #client: Redis;

  constructor(client: Redis) {
    this.#client = client;
  }

  /** A body comes in pieces, before its job. */
  async append(name: string, piece: Buffer): Promise<void> {
    await this.#client.append(key(name), piece);
    await this.#client.expire(key(name), FORGOTTEN_SECONDS);
  }

  /** Its job is there, and is not done. */
  async keep(name: string): Promise<void> {
    await this.#client.persist(key(name));
  }

  /** Its job is about to be done: it still has to be there when the job must run once more. */
  async release(name: string): Promise<void> {
    await this.#client.expire(key(name), FORGOTTEN_SECONDS);
  }

  async remove(name: string): Promise<void> {
    await this.#client.del(key(name));
  }

  async read(name: string): Promise<Buffer> {
    return (await this.#client.getBuffer(key(name))) ?? Buffer.alloc(0);
  }

  readPiece(name: string, from: number, bytes: number): Promise<Buffer> {
    return this.#client.getrangeBuffer(key(name), from, from + bytes - 1);
  }
}

function key(name: string): string {
  return `${QUEUE_PREFIX}:body:${name}`;
}
