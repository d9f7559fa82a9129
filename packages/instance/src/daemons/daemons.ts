import type { Config } from '@emperor/config';

import { appEnvironment } from '../app-settings.ts';
import type { Service, ServiceContext, ServiceKind } from '../service.ts';
import { TouchWatch } from '../touch-watch.ts';
import { Daemon, type DaemonInfo } from './daemon.ts';
import { daemonSpecs } from './daemon-spec.ts';

/** Time a daemon has between the signal to stop and its end by force, if `reload-mercy` allows so much. */
const MAX_MERCY_SECONDS = 10;

/** The external daemons of an instance (`attach-daemon` and its kin, UWSGI-FACTS 16). A reload stops them and starts them anew, as in uWSGI. */
class Daemons implements Service {
  readonly #daemons: readonly Daemon[];
  /** Until this one begins. */
  #predecessor: Daemons | undefined;
  readonly #mercyMs: number;
  readonly #log: ServiceContext['log'];
  readonly #touch = new TouchWatch();
  #stopped: Promise<unknown> | undefined;

  constructor(
    daemons: readonly Daemon[],
    mercyMs: number,
    log: ServiceContext['log'],
    predecessor: Daemons | undefined,
  ) {
    this.#daemons = daemons;
    this.#mercyMs = mercyMs;
    this.#log = log;
    this.#predecessor = predecessor;
  }

  status(): readonly DaemonInfo[] {
    return this.#daemons.map(({ info }) => info);
  }

  roles(): (readonly [number, string])[] {
    return this.#daemons.map(({ info }) => [info.pid, `daemon "${info.cmd}"`]);
  }

  begin(): void {
    const predecessor = this.#predecessor;
    this.#predecessor = undefined;
    if (predecessor === undefined) this.#start();
    // Both would fight for the same ports.
    else void predecessor.#stop('reload').then(() => this.#start());
  }

  async end(): Promise<void> {
    await this.#stop('stop');
  }

  #start(): void {
    if (this.#stopped !== undefined) return;
    for (const daemon of this.#daemons) {
      daemon.start();
      for (const path of daemon.spec.touch) this.#touch.add(path, () => daemon.restart(path), this.#log.line);
    }
  }

  #stop(reason: 'reload' | 'stop'): Promise<unknown> {
    this.#touch.stop();
    this.#stopped ??= Promise.all(this.#daemons.toReversed().map((daemon) => daemon.stop(reason, this.#mercyMs)));
    return this.#stopped;
  }
}

export const DAEMONS: ServiceKind = {
  name: 'daemons',
  create(config: Config, { log, commands }: ServiceContext, predecessor: Service | undefined): Service | undefined {
    const before = predecessor instanceof Daemons ? predecessor : undefined;
    const specs = daemonSpecs(config);
    if (specs.length === 0 && before === undefined) return undefined;
    const environment = appEnvironment(config);
    const onControlEnd = (): void => void commands.stop('drain');
    const daemons = specs.map((spec) => new Daemon(spec, { environment, log, onControlEnd }));
    const mercySeconds = Math.min(MAX_MERCY_SECONDS, config.options['reload-mercy']);
    return new Daemons(daemons, mercySeconds * 1000, log, before);
  },
};
