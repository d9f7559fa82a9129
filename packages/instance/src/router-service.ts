import type { Config } from '@emperor/config';
import type { Exchange, ExchangeHandler } from '@emperor/http';
import { SubscribedHosts, type Upstream, WaitingRoom } from '@emperor/router';

import { wantsWorkers } from './app-settings.ts';
import { RouterProcesses } from './processes/router-processes.ts';
import { RouterStatistics } from './router-statistics.ts';
import type { Service, ServiceContext, ServiceKind } from './service.ts';
import { SubscriptionServers } from './subscription-servers.ts';
import { Upstreams } from './upstreams.ts';

const MS_PER_SECOND = 1000;

interface Parts {
  readonly subscriptions: SubscriptionServers | undefined;
  readonly statistics: RouterStatistics;
  readonly waitingRoom: WaitingRoom | undefined;
}

/** What of an instance is uWSGI's http router: sends requests to backends, configured (`http-to`) or announced (`http-subscription-server`). */
export class RouterService implements Service {
  readonly handlers: readonly ExchangeHandler[];
  readonly #upstreams: Upstreams;
  readonly #subscriptions: SubscriptionServers | undefined;
  readonly #statistics: RouterStatistics;
  /** Where requests wait while nobody is announced (`http-cheap`). */
  readonly #waitingRoom: WaitingRoom | undefined;
  readonly #processes: RouterProcesses | undefined;

  /** @throws StartError for an address that cannot be understood */
  constructor(config: Config, context: ServiceContext, predecessor: RouterService | undefined) {
    const { options } = config;
    const { transport, wheel, log, sockets } = context;
    const before = predecessor?.parts;
    this.#upstreams = new Upstreams(config, { transport, wheel, log: log.line });
    const main = this.#upstreams.main();
    if (options['http-cheap'])
      this.#waitingRoom = before?.waitingRoom ?? new WaitingRoom(wheel, options['http-timeout'] * MS_PER_SECOND);
    if (options['http-subscription-server'].length > 0) {
      const onInhabited = (inhabited: boolean): void => this.#changeCheapMode(inhabited, log.line);
      this.#subscriptions = new SubscriptionServers(config, { log: log.line, onInhabited }, before?.subscriptions);
    }
    const table = this.#subscriptions?.table;
    this.#statistics = new RouterStatistics(config, { sockets, main, table, log: log.line }, before?.statistics);
    const handlers = [this.#subscribedHosts(config, log.line, main), main].filter((handler) => handler !== undefined);
    if (wantsFurtherProcesses(config)) this.#processes = new RouterProcesses(config, context, this.#subscriptions);
    // Sockets that are not the router's belong to the app, where there is one.
    this.handlers = wantsWorkers(config) ? handlers.map((handler) => new RouterOnly(handler)) : handlers;
  }

  /** For the successor, which takes over what both have. */
  get parts(): Parts {
    return { subscriptions: this.#subscriptions, statistics: this.#statistics, waitingRoom: this.#waitingRoom };
  }

  #subscribedHosts(
    config: Config,
    log: (line: string) => void,
    main: Upstream | undefined,
  ): SubscribedHosts | undefined {
    if (this.#subscriptions === undefined) return undefined;
    return new SubscribedHosts({
      table: this.#subscriptions.table,
      upstream: main ?? this.#upstreams.open([], this.#upstreams.fallbacks),
      fallbackKey: config.options['http-subscription-fallback-key'],
      passesOn: main !== undefined || wantsWorkers(config),
      waitingRoom: this.#waitingRoom,
      log,
    });
  }

  /** uWSGI's words for it. */
  #changeCheapMode(inhabited: boolean, log: (line: string) => void): void {
    if (this.#waitingRoom === undefined) return;
    const what = inhabited ? 'leaving cheap mode...' : 'no more nodes available. Going cheap...';
    log(`[uWSGI http pid ${process.pid}] ${what}`);
    if (inhabited) this.#waitingRoom.open();
  }

  async prepare(): Promise<void> {
    await this.#subscriptions?.prepare();
    await this.#statistics.prepare();
    this.#processes?.prepare();
  }

  begin(): void {
    this.#subscriptions?.begin();
    this.#statistics.begin();
    this.#processes?.begin();
  }

  retire(reason: 'reload' | 'stop'): void {
    this.#processes?.retire();
    this.#subscriptions?.retire();
    if (reason === 'stop') this.#waitingRoom?.open();
  }

  async end(graceMs: number): Promise<void> {
    await this.#processes?.end(graceMs);
    this.#upstreams.close();
    this.#statistics.end();
    await this.#subscriptions?.end();
  }
}

/** Lets a handler see the requests of the router's sockets only. */
class RouterOnly implements ExchangeHandler {
  readonly #handler: ExchangeHandler;

  constructor(handler: ExchangeHandler) {
    this.#handler = handler;
  }

  handle(exchange: Exchange): boolean {
    const { protocol } = exchange.listener;
    return (protocol === 'http' || protocol === 'https') && this.#handler.handle(exchange);
  }
}

/** An app's queue is one process's: only a router without one is served by several. */
function wantsFurtherProcesses(config: Config): boolean {
  return config.options['http-processes'] > 1 && !wantsWorkers(config);
}

export const ROUTER: ServiceKind = {
  name: 'http-router',
  create(config, context, predecessor) {
    const { options } = config;
    const isAsked =
      options['http-to'].length > 0 ||
      options['http-subscription-server'].length > 0 ||
      options['http-stats'] !== undefined ||
      wantsFurtherProcesses(config);
    return isAsked ? new RouterService(config, context, predecessor as RouterService | undefined) : undefined;
  },
};
