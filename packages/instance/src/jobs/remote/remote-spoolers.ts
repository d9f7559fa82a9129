import type { Buffer } from 'node:buffer';

import { DelayedError, UnrecoverableError, Worker } from 'bullmq';

import type { InstanceLog } from '../../instance-log.ts';
import { shownPlace } from '../spooler-places.ts';
import type { Spooler } from '../spooler.ts';
import { JobBodies } from './job-bodies.ts';
import { jobMail } from './job-mail.ts';
import { attemptsOf, QUEUE_NAME, QUEUE_PREFIX, type RemoteJob } from './remote-job.ts';
import { backoffMs, judge } from './verdict.ts';
import { ServerLink } from './server-link.ts';

/**
 * A job belongs to its instance as long as that says so: when one has said nothing for so long, it has died or hangs, and its jobs run
 * again where the next look for such jobs is made.
 */
const LOCK_MS = 6000;
const LOOK_FOR_ORPHANS_MS = 3000;
/** How long a server that is away may hold up the end of an instance. */
const LEAVE_MS = 2000;

export interface RemoteSpoolersSettings {
  readonly url: string;
  readonly spoolers: readonly Spooler[];
  readonly maxAttempts: number;
  /** Pause before a job runs again that asked for it, and between two complaints about the server. */
  readonly frequencySeconds: number;
  readonly log: InstanceLog;
}

/** Hands the jobs of a server to the processes that run them, each to one that is free. */
export class RemoteSpoolers {
  readonly #settings: RemoteSpoolersSettings;
  readonly #link: ServerLink;
  readonly #worker: Worker<RemoteJob['data'], void>;
  readonly #bodies: JobBodies;
  readonly #free: Spooler[];
  #frequencySeconds: number;
  #complainedAtMs = -Infinity;
  #isLeaving = false;

  constructor(settings: RemoteSpoolersSettings) {
    this.#settings = settings;
    this.#frequencySeconds = settings.frequencySeconds;
    this.#free = [...settings.spoolers];
    this.#link = new ServerLink(settings.url, true);
    this.#bodies = new JobBodies(this.#link.client);
    this.#worker = new Worker(QUEUE_NAME, (job, token) => this.#process(job, token ?? ''), {
      connection: this.#link.client,
      prefix: QUEUE_PREFIX,
      concurrency: settings.spoolers.length,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_ORPHANS_MS,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      settings: { backoffStrategy: backoffMs },
    });
    this.#worker.on('error', (error) => this.#complain(error));
    this.#worker.on('completed', (job) => {
      if (hasBody(job)) void this.#bodies.remove(job.name).catch(() => undefined); // it is forgotten some day anyway
    });
    this.#link.client.on('error', (error) => this.#complain(error));
  }

  setFrequency(seconds: number): void {
    this.#frequencySeconds = seconds;
  }

  /** No job is begun any more. @param finished resolves when those that run have ended, or their processes are dead */
  async stop(finished: Promise<unknown>): Promise<void> {
    this.#isLeaving = true;
    const closed = this.#worker.close().catch(() => undefined);
    await finished;
    const patience = new Promise((resolve) => setTimeout(resolve, LEAVE_MS).unref());
    await Promise.race([closed, patience]);
    this.#link.close();
  }

  async #process(job: RemoteJob, token: string): Promise<void> {
    const attempts = attemptsOf(job);
    const { maxAttempts } = this.#settings;
    if (attempts >= maxAttempts) return this.#fail(job, attempts, 'its process died, or its machine');
    const spooler = this.#free.pop();
    if (spooler === undefined) throw new Error('there are more jobs than processes'); // BullMQ keeps to `concurrency`
    try {
      const outcome = await spooler.run(jobMail(job, await this.#takeBody(job)));
      const verdict = judge(outcome, this.#isLeaving);
      if (verdict.kind === 'done' && hasBody(job)) await this.#bodies.release(job.name);
      if (verdict.kind === 'again') {
        const pauseMs = verdict.atOnce ? 0 : this.#frequencySeconds * 1000;
        await job.moveToDelayed(Date.now() + pauseMs, token);
        throw new DelayedError();
      }
      if (verdict.kind === 'failed') this.#fail(job, attempts + 1, verdict.problem);
    } finally {
      this.#free.push(spooler);
    }
  }

  async #takeBody(job: RemoteJob): Promise<Buffer | undefined> {
    if (!hasBody(job)) return undefined;
    await this.#bodies.keep(job.name);
    return this.#bodies.read(job.name);
  }

  #fail(job: RemoteJob, attempts: number, problem: string): never {
    const { url, maxAttempts, log } = this.#settings;
    const place = shownPlace(url);
    if (attempts >= maxAttempts) {
      log.line(
        `[spooler ${place}] task ${job.name} is given up after ${attempts} attempts: ${problem}; "vassal jobs ${place}" lists it`,
      );
      throw new UnrecoverableError(problem);
    }
    const pause = backoffMs(attempts) / 1000;
    log.line(
      `[spooler ${place}] task ${job.name} failed (attempt ${attempts} of ${maxAttempts}): ${problem}; the next is in ${pause} seconds`,
    );
    throw new Error(problem);
  }

  #complain(error: Error): void {
    if (this.#isLeaving || performance.now() - this.#complainedAtMs < this.#frequencySeconds * 1000) return;
    this.#complainedAtMs = performance.now();
    const { url, log } = this.#settings;
    log.line(
      `[spooler ${shownPlace(url)}] cannot work: ${this.#link.describe(error)}: jobs wait until that is mended, and it is tried again and again`,
    );
  }
}

function hasBody({ data }: RemoteJob): boolean {
  return data.bodyBytes !== undefined;
}
