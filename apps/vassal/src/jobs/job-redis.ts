import { attemptsOf, type RemoteJob, RemoteQueue } from '@emperor/instance/jobs';

import type { JobContent, JobQueue, JobRow, JobState } from './job-queue.ts';

/** The jobs on one Redis or Valkey, for the operator. */
export class JobRedis implements JobQueue {
  readonly #place: string;
  readonly #queue: RemoteQueue;

  constructor(url: string) {
    this.#place = url.replace(/\/\/[^/@]*@/, '//');
    this.#queue = new RemoteQueue(url);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async list(): Promise<JobRow[]> {
    const { running, waiting, dead } = await this.#queue.all();
    const rowsOf = (jobs: readonly RemoteJob[], state: JobState): JobRow[] => jobs.map((job) => this.#row(job, state));
    return [...rowsOf(running, 'running'), ...rowsOf(waiting, 'waiting'), ...rowsOf(dead, 'dead')];
  }

  async content(name: string): Promise<JobContent | undefined> {
    const job = await this.#queue.find(name);
    if (job === undefined) return undefined;
    const { vars, bodyBytes } = job.data;
    return {
      vars: new Map(vars.map(([key, value]) => [decode(key).toString(), decode(value)])),
      body: bodyBytes === undefined ? undefined : await this.#queue.bodyPiece(name, 0, bodyBytes),
    };
  }

  retry(name: string | undefined): Promise<number> {
    return this.#change(name, (one) => this.#queue.retry(one));
  }

  drop(name: string | undefined): Promise<number> {
    return this.#change(name, (one) => this.#queue.drop(one));
  }

  async #change(name: string | undefined, change: (name: string) => Promise<boolean>): Promise<number> {
    const names = name === undefined ? (await this.#queue.all()).dead.map((job) => job.name) : [name];
    let count = 0;
    for (const one of names) if (await change(one)) count++;
    return count;
  }

  #row(job: RemoteJob, state: JobState): JobRow {
    const { vars, bodyBytes = 0, priority } = job.data;
    return {
      place: this.#place,
      name: job.name,
      state,
      priority,
      attempts: attemptsOf(job),
      spooled: job.timestamp / 1000,
      due: job.delay === 0 ? 0 : (job.timestamp + job.delay) / 1000,
      bytes: vars.flat().reduce((sum, text) => sum + decode(text).length, bodyBytes),
      reason: job.failedReason === '' ? undefined : job.failedReason,
    };
  }
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
