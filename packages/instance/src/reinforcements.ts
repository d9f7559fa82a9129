import type { Service, ServiceContext, ServiceKind } from './service.ts';

/** As often as uWSGI's master looks. */
const LOOK_EVERY_MS = 1000;

interface Limits {
  /** All workers have been busy for so long (`vassal-sos`); 0: that is no reason. */
  readonly busySeconds: number;
  /** More requests than this wait for a worker (`vassal-sos-backlog`); 0: that is no reason. */
  readonly backlog: number;
}

/** Asks the emperor for help when there is more to do than the workers can. */
class Reinforcements implements Service {
  readonly #limits: Limits;
  readonly #context: ServiceContext;
  #timer: NodeJS.Timeout | undefined;
  #busySince: number | undefined;
  #isAsking = false;

  constructor(limits: Limits, context: ServiceContext) {
    this.#limits = limits;
    this.#context = context;
  }

  begin(): void {
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_EVERY_MS).unref();
  }

  retire(): void {
    clearInterval(this.#timer);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    const reason = this.#reason(now);
    // Once for each time of need: the emperor tells people, and they need no reminder every second.
    if (reason !== undefined && !this.#isAsking) {
      this.#context.log.dated(`asking Emperor for reinforcements (${reason})...`);
      this.#context.askForReinforcements();
    }
    this.#isAsking = reason !== undefined;
  }

  #reason(now: number): string | undefined {
    const app = this.#context.app();
    const { backlog, busySeconds } = this.#limits;
    if (app === undefined) return undefined;
    const running = app.workers.filter(({ status }) => status !== 'cheap');
    const isBusy = running.length > 0 && running.every(({ status }) => status === 'busy');
    this.#busySince = isBusy ? (this.#busySince ?? now) : undefined;
    if (backlog > 0 && app.queueLength > backlog) return `backlog: ${app.queueLength}`;
    const busyMs = this.#busySince === undefined ? 0 : now - this.#busySince;
    return busySeconds > 0 && busyMs >= busySeconds * 1000 ? `overload: ${Math.floor(busyMs / 1000)}` : undefined;
  }
}

export const REINFORCEMENTS: ServiceKind = {
  name: 'reinforcements',
  create(config, context) {
    const limits = { busySeconds: config.options['vassal-sos'], backlog: config.options['vassal-sos-backlog'] };
    return limits.busySeconds + limits.backlog > 0 ? new Reinforcements(limits, context) : undefined;
  },
};
