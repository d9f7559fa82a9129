import type { Buffer } from 'node:buffer';

import { Queue } from 'bullmq';

import { JobBodies } from './job-bodies.ts';
import { QUEUE_NAME, QUEUE_PREFIX, queuePriority, type RemoteJob, type RemoteJobData } from './remote-job.ts';
import { ServerLink } from './server-link.ts';

/** How often the library may try a job. Ours is the spooler's business (`spooler-attempts`), which can be another instance. */
const ATTEMPTS = 0x7fff_ffff;

const WAITING = ['prioritized', 'waiting', 'delayed'] as const;

/** The jobs on one Redis or Valkey, in a queue of BullMQ's. Errors say which server it is and what is wrong with it. */
export class RemoteQueue {
  readonly #link: ServerLink;
  readonly #queue: Queue<RemoteJobData, void>;
  readonly #bodies: JobBodies;

  constructor(url: string) {
    this.#link = new ServerLink(url, false);
    this.#queue = new Queue(QUEUE_NAME, { connection: this.#link.client, prefix: QUEUE_PREFIX });
    this.#bodies = new JobBodies(this.#link.client);
    // Told by the call that fails.
    this.#queue.on('error', () => {});
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => undefined);
    this.#link.close();
  }

  /** The body of a job that is added afterwards comes in pieces. */
  appendBody(name: string, piece: Buffer): Promise<void> {
    return this.#ask(() => this.#bodies.append(name, piece));
  }

  /** At most so many bytes of the body of a job, from there on. */
  bodyPiece(name: string, from: number, bytes: number): Promise<Buffer> {
    return this.#ask(() => this.#bodies.readPiece(name, from, bytes));
  }

  /** Accepts a job: it is on the server when this resolves. @param due Unix time in seconds: not before */
  add(name: string, data: RemoteJobData, due: number): Promise<void> {
    return this.#ask(async () => {
      if (data.bodyBytes !== undefined) await this.#bodies.keep(name);
      await this.#queue.add(name, data, {
        jobId: name,
        priority: queuePriority(data.priority),
        delay: Math.max(0, Math.round(due * 1000 - Date.now())),
        attempts: ATTEMPTS,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: false,
        stackTraceLimit: 0,
      });
    });
  }

  /** Those that are neither done nor given up, in their order. */
  unfinished(): Promise<RemoteJob[]> {
    return this.#ask(() => this.#queue.getJobs(['active', ...WAITING], 0, -1, true));
  }

  /** Those that run, those that wait in their order, those that were given up. */
  all(): Promise<{ readonly running: RemoteJob[]; readonly waiting: RemoteJob[]; readonly dead: RemoteJob[] }> {
    return this.#ask(async () => ({
      running: await this.#queue.getJobs('active', 0, -1, true),
      waiting: await this.#queue.getJobs([...WAITING], 0, -1, true),
      dead: await this.#queue.getJobs('failed', 0, -1, true),
    }));
  }

  find(name: string): Promise<RemoteJob | undefined> {
    return this.#ask(() => this.#queue.getJob(name));
  }

  /** Has a job run again as if for the first time, at once. @returns false when it is not there or runs */
  async retry(name: string): Promise<boolean> {
    const job = await this.find(name);
    if (job === undefined) return false;
    return this.#ask(async () => {
      const state = await job.getState();
      if (state === 'active') return false;
      await job.updateData({ ...job.data, forgiven: job.stalledCounter });
      if (state === 'failed') await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      else if (state === 'delayed') await job.promote();
      return true;
    });
  }

  /** Removes a job. @returns false when it is not there or runs */
  async drop(name: string): Promise<boolean> {
    const job = await this.find(name);
    if (job === undefined) return false;
    return this.#ask(async () => {
      if ((await job.getState()) === 'active') return false;
      await job.remove();
      await this.#bodies.remove(name);
      return true;
    });
  }

  async #ask<T>(run: () => Promise<T>): Promise<T> {
    try {
      await this.#link.connected();
      return await run();
    } catch (error) {
      throw new Error(this.#link.describe(error), { cause: error });
    }
  }
}
