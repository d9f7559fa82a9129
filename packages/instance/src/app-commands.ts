import type { AppServer } from '@emperor/worker';

import type { InstanceFigures } from './instance-figures.ts';
import type { InstanceLog } from './instance-log.ts';

/** What an operator can ask of the workers of whatever generation serves at the moment. */
export class AppCommands {
  readonly #app: () => AppServer | undefined;
  readonly #figures: InstanceFigures;
  readonly #log: InstanceLog;
  /** The app that was paused: its successor runs. */
  #paused: AppServer | undefined;

  constructor(app: () => AppServer | undefined, figures: InstanceFigures, log: InstanceLog) {
    this.#app = app;
    this.#figures = figures;
    this.#log = log;
  }

  /** New processes for the workers; the code is read again only with `lazy-apps` (as in uWSGI). */
  async reload(how: 'all' | 'chain', reason?: string): Promise<void> {
    if (reason !== undefined) this.#log.dated(reason);
    await this.#app()?.reloadWorkers(how);
  }

  /** One worker more or less (`cheaper-algo = manual`). */
  change(difference: 1 | -1): void {
    this.#app()?.changeWorkers(difference);
  }

  /** All workers end until a request comes. */
  hibernate(): void {
    this.#app()?.hibernate();
  }

  /** SIGTSTP, as in uWSGI: requests wait, and are served when it comes again (UWSGI-FACTS 9.7). */
  togglePause(): void {
    const app = this.#app();
    if (app === undefined) return;
    if (this.#paused === app) {
      this.#paused = undefined;
      this.#log.line('*** PAUSE is over ***');
      app.resume();
    } else {
      this.#paused = app;
      this.#log.line('*** PAUSE (press start to resume, if you do not have a joypad send SIGTSTP) ***');
      app.pause();
    }
  }

  /** SIGUSR2: what every worker is doing, as Python stacks in the log. */
  logStacks(): void {
    this.#app()?.logStacks();
  }

  /** SIGUSR1: what uWSGI prints then (UWSGI-FACTS 8.9). */
  logStatistics(): void {
    const { line } = this.#log;
    line(`\tworkers total requests: ${this.#figures.counters.requests}`);
    line('-----------------');
    for (const { id, apps } of this.#app()?.workers ?? []) {
      for (const app of apps) {
        line(
          `\tworker ${id} app ${app.id} [${app.mountpoint}] requests: ${app.requests} exceptions: ${app.exceptions}`,
        );
      }
      line('-----------------');
    }
  }
}
