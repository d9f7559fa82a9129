import type { Config } from '@emperor/config';
import type { ControlJobs } from '@emperor/protocol';

import type { Service, ServiceCall, ServiceContext, ServiceKind } from '../service.ts';
import { TouchWatch } from '../touch-watch.ts';
import { countJobs } from './job-counts.ts';
import { Spooler, type SpoolerInfo } from './spooler.ts';
import { openDirectories, type SpoolerDirectories } from './spooler-directories.ts';

/**
 * The job queue of an instance (UWSGI-FACTS 15): its directories, and the processes that run the jobs. The jobs themselves pass from one
 * Python process to another through the database of their directory; here it is only known that there are some.
 */
class Spoolers implements Service {
  readonly calls: Readonly<Record<string, ServiceCall>> = {
    spooled: ([directory]) => this.#wake(directory as string),
    spooler_pids: () => this.#spoolers.map(({ info }) => info.pid).filter((pid) => pid > 0),
    set_spooler_frequency: ([seconds]) => {
      for (const spooler of this.#spoolers) spooler.setFrequency(seconds as number);
    },
  };
  readonly #config: Config;
  readonly #context: ServiceContext;
  readonly #touch = new TouchWatch();
  #directories: SpoolerDirectories = { own: [], external: [] };
  readonly #woken = new Map<string, number>();
  #spoolers: readonly Spooler[] = [];
  #stopped: Promise<unknown> | undefined;

  constructor(config: Config, context: ServiceContext) {
    this.#config = config;
    this.#context = context;
  }

  prepare(): void {
    this.#directories = openDirectories(this.#config, this.#context.directory);
  }

  status(): readonly SpoolerInfo[] {
    return this.#spoolers.map(({ info }) => info);
  }

  roles(): (readonly [number, string])[] {
    return this.#spoolers.map(({ info }, index) => [info.pid, `spooler ${index + 1}`]);
  }

  jobs(): ControlJobs[] {
    const { own, external } = this.#directories;
    return [...own, ...external].flatMap((place) => countJobs(place) ?? []);
  }

  pythonSettings(): object {
    const { options } = this.#config;
    const { own, external } = this.#directories;
    return {
      directories: [...own, ...external],
      quiet: options['spooler-quiet'],
      frequency: options['spooler-frequency'],
      maxAttempts: options['spooler-attempts'],
      maxTasks: options['spooler-max-tasks'],
      chdir: options['spooler-chdir'] ?? '',
      imports: options['spooler-import'],
      tellsEach: options['spooler-harakiri'] > 0,
    };
  }

  begin(): void {
    const app = this.#context.app();
    if (app === undefined) return;
    const { options } = this.#config;
    const { log } = this.#context;
    const harakiriSeconds = options['spooler-harakiri'];
    this.#spoolers = this.#directories.own
      .flatMap((directory) => Array.from({ length: options['spooler-processes'] }, () => directory))
      .map((directory, index) => new Spooler(app, { number: index + 1, directory, harakiriSeconds, log }));
    for (const spooler of this.#spoolers) spooler.start();
    for (const path of options['touch-spoolers-reload']) this.#touch.add(path, () => this.#recycle(path), log.line);
  }

  retire(): void {
    this.#touch.stop();
    void this.#stop();
  }

  async end(): Promise<void> {
    await this.#stop();
  }

  #stop(): Promise<unknown> {
    this.#touch.stop();
    this.#stopped ??= Promise.all(this.#spoolers.map((spooler) => spooler.stop(this.#mercyMs)));
    return this.#stopped;
  }

  get #mercyMs(): number {
    return this.#config.options['reload-mercy'] * 1000;
  }

  /** Jobs of one turn of the event loop are counted together: each wakes one process, an idle one if there is any. */
  #wake(directory: string): void {
    if (this.#woken.size === 0) setImmediate(() => this.#wakeAll());
    this.#woken.set(directory, (this.#woken.get(directory) ?? 0) + 1);
  }

  #wakeAll(): void {
    for (const [directory, jobs] of this.#woken) {
      const here = this.#spoolers.filter((spooler) => spooler.directory === directory);
      const idleFirst = here.toSorted((a, b) => Number(a.isBusy) - Number(b.isBusy));
      for (const spooler of idleFirst.slice(0, jobs)) spooler.wake();
    }
    this.#woken.clear();
  }

  #recycle(path: string): void {
    this.#context.log.dated(`*** ${path} has been touched... reloading spoolers !!! ***`);
    for (const spooler of this.#spoolers) spooler.recycle(this.#mercyMs);
  }
}

export const SPOOLERS: ServiceKind = {
  name: 'spoolers',
  create(config: Config, context: ServiceContext): Service | undefined {
    const { options } = config;
    if (options.spooler.length === 0 && options['spooler-external'].length === 0) return undefined;
    return new Spoolers(config, context);
  },
};
