import { Buffer } from 'node:buffer';

import { MAIL_CONTINUES } from '@emperor/protocol';
import type { AppServer, Companion } from '@emperor/worker';

import type { InstanceLog } from '../instance-log.ts';
import { type JobOutcome, PROCESS_DIED } from './remote/verdict.ts';
import { shownPlace } from './spooler-places.ts';

export interface SpoolerSettings {
  readonly number: number;
  readonly directory: string;
  readonly harakiriSeconds: number;
  readonly log: InstanceLog;
}

/** As the statistics show it, with uWSGI's names. */
export interface SpoolerInfo {
  readonly dir: string;
  readonly pid: number;
  readonly tasks: number;
  readonly respawns: number;
  readonly running: number;
}

/** A job that was sent to the process. */
interface SentJob {
  readonly pieces: readonly Buffer[];
  readonly settle: (outcome: JobOutcome) => void;
  /** The process works on it: it may be what kills it. */
  hasBegun: boolean;
}

/** One process that runs jobs: those it finds in its directory, or those it is sent. */
export class Spooler {
  readonly directory: string;
  readonly #companion: Companion;
  readonly #settings: SpoolerSettings;
  #tasks = 0;
  #harakiri: NodeJS.Timeout | undefined;
  #sent: SentJob | undefined;

  constructor(app: AppServer, settings: SpoolerSettings) {
    this.#settings = settings;
    this.directory = settings.directory;
    const { number, directory, log } = settings;
    const place = shownPlace(directory);
    this.#companion = app.companion({
      role: 'spooler',
      number,
      groups: [directory],
      obeysSignals: true,
      task: { directory, name: `uWSGI spooler ${number}` },
      onSpawned: (pid) => {
        log.line(`spawned the uWSGI spooler on dir ${place} with pid ${pid}`);
        // Its predecessor may have been replaced by force.
        if (this.#sent?.hasBegun === true) this.#settle(PROCESS_DIED);
        this.#send();
      },
      onDied: () => {
        clearTimeout(this.#harakiri);
        if (this.#sent?.hasBegun === true) this.#settle(PROCESS_DIED);
        log.line('OOOPS the spooler is no more...trying respawn...');
      },
      onBusy: (task, done) => this.#onBusy(task, done),
      onRan: (result, problem) => {
        clearTimeout(this.#harakiri);
        this.#tasks++;
        this.#settle({ result, problem });
      },
    });
  }

  get info(): SpoolerInfo {
    const { pid, respawns, isBusy } = this.#companion;
    return { dir: shownPlace(this.directory), pid, tasks: this.#tasks, respawns, running: isBusy ? 1 : 0 };
  }

  start(): void {
    this.#companion.start();
  }

  /**
   * Has it run a job, one at a time. One that it could not begin before it died goes to its successor.
   * @param pieces what it is sent, see `jobMail`
   */
  run(pieces: readonly Buffer[]): Promise<JobOutcome> {
    const { promise, resolve } = Promise.withResolvers<JobOutcome>();
    this.#sent = { pieces, settle: resolve, hasBegun: false };
    if (this.#companion.pid > 0) this.#send();
    return promise;
  }

  /** @param seconds between two looks at the directory */
  setFrequency(seconds: number): void {
    this.#companion.mail(0, Buffer.from(JSON.stringify({ frequency: seconds })));
  }

  recycle(graceMs: number): void {
    this.#companion.recycle(graceMs);
  }

  /** The job that runs gets `graceMs` to end; what is cut off runs again later. */
  async stop(graceMs: number): Promise<void> {
    clearTimeout(this.#harakiri);
    const { pid } = this.#companion;
    const { log } = this.#settings;
    if (pid > 0) log.line(`killing the spooler with pid ${pid}`);
    await this.#companion.stop(graceMs);
    if (pid > 0) log.line(`spooler (pid: ${pid}) annihilated`);
    this.#settle(PROCESS_DIED);
  }

  #send(): void {
    const job = this.#sent;
    if (job === undefined || job.hasBegun) return;
    for (const [index, piece] of job.pieces.entries())
      this.#companion.mail(index < job.pieces.length - 1 ? MAIL_CONTINUES : 0, piece);
  }

  #settle(outcome: JobOutcome): void {
    const job = this.#sent;
    this.#sent = undefined;
    job?.settle(outcome);
  }

  #onBusy(task: string, done: number): void {
    clearTimeout(this.#harakiri);
    this.#tasks += done;
    if (task === '') return;
    if (this.#sent !== undefined) this.#sent.hasBegun = true;
    this.#watch(task);
  }

  #watch(task: string): void {
    const { harakiriSeconds, log } = this.#settings;
    if (harakiriSeconds === 0) return;
    this.#harakiri = setTimeout(() => {
      log.dated(`*** HARAKIRI ON THE SPOOLER (pid: ${this.#companion.pid}) *** task ${task}`);
      this.#companion.kill();
    }, harakiriSeconds * 1000).unref();
  }
}
