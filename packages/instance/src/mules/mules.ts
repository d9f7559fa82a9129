import { Buffer } from 'node:buffer';

import type { Config } from '@emperor/config';
import { MAIL_TO_FARM } from '@emperor/protocol';
import type { AppServer, Companion } from '@emperor/worker';

import { runHappening } from '../hooks/hooks.ts';
import type { Service, ServiceCall, ServiceContext, ServiceKind } from '../service.ts';
import { TouchWatch } from '../touch-watch.ts';
import { type MuleSpec, muleSpecs } from './mule-specs.ts';

/** The mules of an instance, and the messages to them. Those of the old configuration end before the new ones start. */
class Mules implements Service {
  readonly calls: Readonly<Record<string, ServiceCall>> = {
    mule_msg: ([message, number]) => this.#send(message as string, number as number),
    farm_msg: ([message, farm]) => this.#sendToFarm(message as string, farm as string),
  };
  readonly #specs: readonly MuleSpec[];
  readonly #context: ServiceContext;
  readonly #config: Config;
  readonly #touch = new TouchWatch();
  #mules: readonly Companion[] = [];
  #predecessor: Mules | undefined;
  #turn = 0;
  #isOver = false;

  constructor(specs: readonly MuleSpec[], config: Config, context: ServiceContext, predecessor: Mules | undefined) {
    this.#specs = specs;
    this.#config = config;
    this.#context = context;
    this.#predecessor = predecessor;
  }

  roles(): (readonly [number, string])[] {
    return this.#mules.map(({ pid, number }) => [pid, `mule ${number}`]);
  }

  begin(): void {
    const predecessor = this.#predecessor;
    this.#predecessor = undefined;
    const app = this.#context.app();
    if (app === undefined) return;
    this.#mules = this.#specs.map((spec) => this.#make(app, spec));
    const start = (): void => {
      if (!this.#isOver) for (const mule of this.#mules) mule.start();
    };
    if (predecessor === undefined) start();
    else void predecessor.#end().then(start);
    for (const path of this.#config.options['touch-mules-reload'])
      this.#touch.add(path, () => this.#recycle(path), this.#context.log.line);
  }

  retire(reason: 'reload' | 'stop'): void {
    this.#touch.stop();
    if (reason === 'stop') void this.#end();
  }

  async end(): Promise<void> {
    await this.#end();
  }

  #end(): Promise<unknown> {
    this.#isOver = true;
    this.#touch.stop();
    return Promise.all(this.#mules.map((mule) => this.#stop(mule)));
  }

  async #stop(mule: Companion): Promise<void> {
    const { pid, number } = mule;
    if (pid === 0) return;
    await mule.stop(this.#mercyMs);
    this.#context.log.line(`mule ${number} (pid: ${pid}) annihilated`);
  }

  get #mercyMs(): number {
    return this.#config.options['mule-reload-mercy'] * 1000;
  }

  #make(app: AppServer, { number, script, farms }: MuleSpec): Companion {
    const { log } = this.#context;
    const harakiriMs = this.#config.options['mule-harakiri'] * 1000;
    let harakiri: NodeJS.Timeout | undefined;
    const mule = app.companion({
      role: 'mule',
      number,
      groups: farms,
      obeysSignals: script === undefined,
      task: { number, farms, script: script ?? '', name: `uWSGI mule ${number}` },
      onSpawned: (pid) => {
        log.line(`spawned uWSGI mule ${number} (pid: ${pid})`);
        runHappening(this.#config, 'as-mule', log);
      },
      onDied: (pid) => {
        clearTimeout(harakiri);
        log.line(`OOOPS mule ${number} (pid: ${pid}) crippled...trying respawn...`);
      },
      onBusy: (task) => {
        clearTimeout(harakiri);
        if (task === '' || harakiriMs === 0) return;
        harakiri = setTimeout(() => {
          log.dated(
            `*** HARAKIRI ON MULE ${number} (pid: ${mule.pid}): ${task} takes longer than mule-harakiri allows ***`,
          );
          mule.kill();
        }, harakiriMs).unref();
      },
    });
    return mule;
  }

  /** @param number 0: any mule that waits for messages, in turn. @returns false when there is no such mule */
  #send(message: string, number: number): boolean {
    const waiting = this.#mules.filter((mule) => mule.obeysSignals);
    // Scripts may ask for messages as well, but nobody knows whether they do.
    const chosen = number === 0 ? this.#next(waiting.length > 0 ? waiting : this.#mules) : this.#mules[number - 1];
    chosen?.mail(0, this.#decode(message));
    return chosen !== undefined;
  }

  #sendToFarm(message: string, farm: string): void {
    const chosen = this.#next(this.#mules.filter(({ groups }) => groups.includes(farm)));
    if (chosen === undefined) throw new Error(`there is no farm "${farm}" (option farm)`);
    chosen.mail(MAIL_TO_FARM, this.#decode(message));
  }

  /** Idle ones first. */
  #next(mules: readonly Companion[]): Companion | undefined {
    const idle = mules.filter(({ isBusy }) => !isBusy);
    const candidates = idle.length > 0 ? idle : mules;
    return candidates[this.#turn++ % Math.max(1, candidates.length)];
  }

  #decode(message: string): Buffer {
    return Buffer.from(message, 'base64');
  }

  #recycle(path: string): void {
    this.#context.log.dated(`*** ${path} has been touched... reloading mules !!! ***`);
    for (const mule of this.#mules) mule.recycle(this.#mercyMs);
  }
}

export const MULES: ServiceKind = {
  name: 'mules',
  create(config: Config, context: ServiceContext, predecessor: Service | undefined): Service | undefined {
    const before = predecessor instanceof Mules ? predecessor : undefined;
    const specs = muleSpecs(config);
    return specs.length === 0 && before === undefined ? undefined : new Mules(specs, config, context, before);
  },
};
