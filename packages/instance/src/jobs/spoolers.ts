import type { Config } from '@emperor/config';
import type { ControlJobs } from '@emperor/protocol';

import type { Service, ServiceCall, ServiceContext, ServiceKind } from '../service.ts';
import { TouchWatch } from '../touch-watch.ts';
import { countJobs } from './job-counts.ts';
import type { RemotePlaces } from './remote/remote-places.ts';
import { Spooler, type SpoolerInfo } from './spooler.ts';
import { isUrl, openPlaces, type SpoolerPlaces } from './spooler-places.ts';

/**
 * The job queue of an instance (UWSGI-FACTS 15): its places, and the processes that run the jobs. Jobs of a directory pass from one Python
 * process to another through its database, and are not seen here; those of a server are handed in and handed out here.
 */
class Spoolers implements Service {
  readonly calls: Readonly<Record<string, ServiceCall>> = {
    spool_remotely: ([url, job]) => this.#remote(url).add(job),
    spool_body: ([url, name, piece]) => this.#remote(url).appendBody(name, piece),
    remote_body: ([url, name, from]) => this.#remote(url).bodyPiece(name, from),
    remote_jobs: ([url]) => this.#remote(url).names(),
    remote_job: ([url, name]) => this.#remote(url).find(name),
    spooler_pids: () => this.#spoolers.map(({ info }) => info.pid).filter((pid) => pid > 0),
    set_spooler_frequency: ([seconds]) => {
      this.#remotes?.setFrequency(seconds as number);
      for (const spooler of this.#spoolers) if (!isUrl(spooler.directory)) spooler.setFrequency(seconds as number);
    },
  };
  readonly #config: Config;
  readonly #context: ServiceContext;
  readonly #touch = new TouchWatch();
  #places: SpoolerPlaces = { own: [], external: [] };
  #remotes: RemotePlaces | undefined;
  #spoolers: readonly Spooler[] = [];
  #stopped: Promise<unknown> | undefined;

  constructor(config: Config, context: ServiceContext) {
    this.#config = config;
    this.#context = context;
  }

  async prepare(): Promise<void> {
    this.#places = openPlaces(this.#config, this.#context.directory);
    const urls = [...this.#places.own, ...this.#places.external].filter(isUrl);
    if (urls.length === 0) return;
    // The library for queues on servers takes some 20 MB.
    const { RemotePlaces } = await import('./remote/remote-places.ts');
    this.#remotes = new RemotePlaces(urls);
  }

  status(): readonly SpoolerInfo[] {
    return this.#spoolers.map(({ info }) => info);
  }

  roles(): (readonly [number, string])[] {
    return this.#spoolers.map(({ info }, index) => [info.pid, `spooler ${index + 1}`]);
  }

  jobs(): ControlJobs[] {
    const { own, external } = this.#places;
    return [...own, ...external].flatMap((place) => countJobs(place) ?? []);
  }

  pythonSettings(): object {
    const { options } = this.#config;
    const { own, external } = this.#places;
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
    this.#spoolers = this.#places.own
      .flatMap((place) => Array.from({ length: options['spooler-processes'] }, () => place))
      .map((place, index) => new Spooler(app, { number: index + 1, directory: place, harakiriSeconds, log }));
    for (const spooler of this.#spoolers) spooler.start();
    for (const url of this.#places.own.filter(isUrl))
      this.#remotes?.begin({
        url,
        spoolers: this.#spoolers.filter(({ directory }) => directory === url),
        maxAttempts: options['spooler-attempts'],
        frequencySeconds: options['spooler-frequency'],
        log,
      });
    for (const path of options['touch-spoolers-reload']) this.#touch.add(path, () => this.#recycle(path), log.line);
  }

  retire(): void {
    void this.#stop();
  }

  /** Jobs can be handed in until here. */
  async end(): Promise<void> {
    await this.#stop();
    await this.#remotes?.close();
  }

  #stop(): Promise<unknown> {
    this.#touch.stop();
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    const finished = Promise.all(this.#spoolers.map((spooler) => spooler.stop(this.#mercyMs)));
    await this.#remotes?.stop(finished);
    await finished;
  }

  get #mercyMs(): number {
    return this.#config.options['reload-mercy'] * 1000;
  }

  #remote(url: unknown): ReturnType<RemotePlaces['at']> {
    if (this.#remotes === undefined) throw new Error('no spooler of this instance is on a server');
    return this.#remotes.at(url as string);
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
