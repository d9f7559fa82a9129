import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { RemoteQueue } from '@emperor/instance/jobs';

import type { Rig } from '../rig/rig.ts';

/** Counts jobs from outside. */
interface QueueLook extends AsyncDisposable {
  /** Those that are neither done nor given up. */
  waiting(): Promise<number>;
  /** Those that were given up. */
  dead(): Promise<number>;
}

/** In the directory `jobs`. */
export class DirectoryLook implements QueueLook {
  readonly #path: string;

  constructor(rig: Rig) {
    this.#path = rig.path('jobs/jobs.sqlite');
  }

  /** As long as there is no database, one. */
  async waiting(): Promise<number> {
    return existsSync(this.#path) ? this.#count("state <> 'dead'") : 1;
  }

  async dead(): Promise<number> {
    return this.#count("state = 'dead'");
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #count(condition: string): number {
    const database = new DatabaseSync(this.#path, { readOnly: true, timeout: 5000 });
    try {
      return Number(database.prepare(`SELECT count(*) AS jobs FROM jobs WHERE ${condition}`).get()?.['jobs']);
    } finally {
      database.close();
    }
  }
}

/** On a Redis. */
export class RedisLook implements QueueLook {
  readonly #queue: RemoteQueue;

  constructor(url: string) {
    this.#queue = new RemoteQueue(url);
  }

  async waiting(): Promise<number> {
    const { running, waiting } = await this.#queue.all();
    return running.length + waiting.length;
  }

  async dead(): Promise<number> {
    return (await this.#queue.all()).dead.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}
