import { Buffer } from 'node:buffer';

import type { AppServer, Companion } from '@emperor/worker';

import type { InstanceLog } from '../instance-log.ts';
import { shownPlace } from './spooler-directories.ts';

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

const NO_NEWS = Buffer.alloc(0);

/** One process that runs the jobs of a directory. */
export class Spooler {
  readonly directory: string;
  readonly #companion: Companion;
  readonly #settings: SpoolerSettings;
  #tasks = 0;
  #harakiri: NodeJS.Timeout | undefined;
  /** A job came while it was busy, perhaps after it looked for the last time. */
  #hasNews = false;

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
      onSpawned: (pid) => log.line(`spawned the uWSGI spooler on dir ${place} with pid ${pid}`),
      onDied: () => {
        clearTimeout(this.#harakiri);
        log.line('OOOPS the spooler is no more...trying respawn...');
      },
      onBusy: (task, done) => this.#onBusy(task, done),
    });
  }

  get info(): SpoolerInfo {
    const { pid, respawns, isBusy } = this.#companion;
    return { dir: shownPlace(this.directory), pid, tasks: this.#tasks, respawns, running: isBusy ? 1 : 0 };
  }

  get isBusy(): boolean {
    return this.#companion.isBusy;
  }

  start(): void {
    this.#companion.start();
  }

  /** A job was accepted. */
  wake(): void {
    if (this.#companion.isBusy) this.#hasNews = true;
    else this.#companion.mail(0, NO_NEWS);
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
    if (pid === 0) return;
    const { log } = this.#settings;
    log.line(`killing the spooler with pid ${pid}`);
    await this.#companion.stop(graceMs);
    log.line(`spooler (pid: ${pid}) annihilated`);
  }

  #onBusy(task: string, done: number): void {
    clearTimeout(this.#harakiri);
    this.#tasks += done;
    if (task !== '') {
      this.#watch(task);
    } else if (this.#hasNews) {
      this.#hasNews = false;
      this.wake();
    }
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
