import { showConfig } from '@emperor/config';
import type { AppServer } from '@emperor/worker';

import type { Generation } from './generation.ts';
import type { InstanceFigures } from './instance-figures.ts';
import type { InstanceLog } from './instance-log.ts';

/** What an operator can ask of the workers of whatever generation serves at the moment. */
export class AppCommands {
  readonly #generation: () => Generation | undefined;
  readonly #figures: InstanceFigures;
  readonly #log: InstanceLog;
  /** The app that was paused: its successor runs. */
  #paused: AppServer | undefined;

  constructor(generation: () => Generation | undefined, figures: InstanceFigures, log: InstanceLog) {
    this.#generation = generation;
    this.#figures = figures;
    this.#log = log;
  }

  get #app(): AppServer | undefined {
    return this.#generation()?.app;
  }

  /** New processes for the workers; the code is read again only with `lazy-apps` (as in uWSGI). */
  async reload(how: 'all' | 'chain', reason?: string): Promise<void> {
    if (reason !== undefined) this.#log.dated(reason);
    await this.#app?.reloadWorkers(how);
  }

  /** One worker more or less (`cheaper-algo = manual`). */
  change(difference: 1 | -1): void {
    this.#app?.changeWorkers(difference);
  }

  /** All workers end until a request comes. */
  goCheap(): void {
    this.#log.dated('going cheap...');
    for (const { id, pid } of this.#app?.workers ?? [])
      if (pid > 0) this.#log.line(`killing worker ${id} (pid: ${pid})`);
    this.#app?.hibernate();
  }

  /** SIGTSTP, as in uWSGI: requests wait, and are served when it comes again (UWSGI-FACTS 9.7). */
  togglePause(): void {
    const app = this.#app;
    if (app === undefined) return;
    const { dated } = this.#log;
    const running = app.workers.filter(({ pid }) => pid > 0);
    if (this.#paused === app) {
      this.#paused = undefined;
      dated('*** (SIGTSTP received) resuming workers ***');
      app.resume();
      for (const { id } of running) dated(`*** worker ${id} resumed ***`);
    } else {
      this.#paused = app;
      dated('*** PAUSE (press start to resume, if you do not have a joypad send SIGTSTP) ***');
      app.pause();
      for (const { id } of running) dated(`*** worker ${id} suspended ***`);
    }
  }

  /** SIGUSR2: what every worker is doing, as Python stacks in the log. */
  logStacks(): void {
    this.#app?.logStacks();
  }

  /** SIGUSR1: what uWSGI prints then, the configuration first (UWSGI-FACTS 8.9). */
  logStatistics(): void {
    const { line } = this.#log;
    const generation = this.#generation();
    if (generation !== undefined) for (const text of showConfig(generation.config).split('\n')) line(text);
    line(`\tworkers total requests: ${this.#figures.counters.requests}`);
    line('-----------------');
    for (const { id, apps } of this.#app?.workers ?? []) {
      for (const app of apps) {
        line(
          `\tworker ${id} app ${app.id} [${app.mountpoint}] requests: ${app.requests} exceptions: ${app.exceptions}`,
        );
      }
      line('-----------------');
    }
    line('');
  }
}
