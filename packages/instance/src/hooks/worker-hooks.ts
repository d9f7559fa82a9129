import type { Config } from '@emperor/config';
import type { AppServerEvent } from '@emperor/worker';

import type { InstanceLog } from '../instance-log.ts';
import { runHappening } from './hooks.ts';

/** Runs the hooks of single workers. uWSGI's run in the worker itself; ours in its supervisor, at the same moments. */
export class WorkerHooks {
  readonly #config: Config;
  readonly #log: InstanceLog;
  readonly #seen = new Set<number>();

  constructor(config: Config, log: InstanceLog) {
    this.#config = config;
    this.#log = log;
  }

  on(event: AppServerEvent): void {
    if (event.type === 'worker-spawned') runHappening(this.#config, 'post-fork', this.#log);
    else if (event.type === 'worker-ready') this.#accepting(event.workerId);
  }

  #accepting(workerId: number): void {
    const isFirstTime = !this.#seen.has(workerId);
    this.#seen.add(workerId);
    if (isFirstTime) runHappening(this.#config, 'accepting-once', this.#log);
    runHappening(this.#config, 'accepting', this.#log);
    if (workerId !== 1) return;
    if (isFirstTime) runHappening(this.#config, 'accepting1-once', this.#log);
    runHappening(this.#config, 'accepting1', this.#log);
  }
}
