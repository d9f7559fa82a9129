import { type Config, VERSION } from '@emperor/config';
import type { Backend, SubscribedPool, SubscriptionTable, Upstream } from '@emperor/router';

import { isRouter, statsSocket } from './listeners.ts';
import { type InstanceSocket, openSocket } from './sockets.ts';
import { StatsServer } from './stats-server.ts';

const MS_PER_SECOND = 1000;

/** What the statistics of a router are about. */
export interface RouterStatisticsContext {
  readonly sockets: () => readonly InstanceSocket[];
  /** `http-to` */
  readonly main: Upstream | undefined;
  readonly table: SubscriptionTable | undefined;
  readonly log: (line: string) => void;
}

interface OpenServer {
  readonly name: string;
  readonly server: StatsServer;
  readonly socket: InstanceSocket;
}

/** The statistics of the router, served as uWSGI does (`http-stats`). The socket outlives a reload. */
export class RouterStatistics {
  readonly #config: Config;
  readonly #context: RouterStatisticsContext;
  #predecessor: RouterStatistics | undefined;
  #open: OpenServer | undefined;

  constructor(config: Config, context: RouterStatisticsContext, predecessor: RouterStatistics | undefined) {
    this.#config = config;
    this.#context = context;
    this.#predecessor = predecessor;
  }

  /** Where it is served; undefined where it is not. */
  get address(): string | undefined {
    return this.#open?.name;
  }

  /** @throws StartError when the address cannot be bound */
  async prepare(): Promise<void> {
    const request = await statsSocket(this.#config, 'http-stats');
    if (request === undefined || request.name === this.#predecessor?.address) return;
    const { options } = this.#config;
    const socket = openSocket(request);
    const settings = { http: options['stats-http'], minified: options['stats-minified'] };
    const server = new StatsServer(socket, settings, () => this.#document());
    this.#open = { name: request.name, server, socket };
    this.#context.log(`*** http stats server enabled on ${request.name} fd: ${socket.descriptor} ***`);
  }

  /** Takes the socket over from the predecessor. */
  begin(): void {
    const before = this.#predecessor;
    this.#predecessor = undefined;
    if (before === undefined || before.address !== this.#config.options['http-stats']) return;
    this.#open = before.#open;
    before.#open = undefined;
    if (this.#open !== undefined) this.#open.server.document = () => this.#document();
  }

  end(): void {
    this.#open?.server.close();
    this.#open?.socket.removeFile();
    this.#open = undefined;
  }

  /** The keys of uWSGI's, in their order. */
  #document(): object {
    const { main, table } = this.#context;
    const sockets = this.#context.sockets().filter(({ request }) => isRouter(request.protocol));
    const active = (main?.backends ?? []).reduce((sum, backend) => sum + backend.active, 0);
    return {
      version: VERSION,
      pid: process.pid,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      cwd: process.cwd(),
      active_sessions: active + sessionsOf(table),
      http: [...sockets.map(({ request }) => request.name), ...this.#config.options['http-subscription-server']],
      ...(main === undefined ? {} : { static_nodes: main.backends.map(staticNode) }),
      ...(table === undefined ? {} : { subscriptions: [...table.pools].map(subscription) }),
      cheap: this.#config.options['http-cheap'] && table?.isInhabited === false ? 1 : 0,
    };
  }
}

function sessionsOf(table: SubscriptionTable | undefined): number {
  let count = 0;
  for (const { group } of table?.pools ?? []) for (const { active } of group.backends) count += active;
  return count;
}

/** `grace`: UNIX time until which a failed node is set aside; 0 for one that works. */
function staticNode({ name, requests, retryAtMs }: Backend): object {
  return { name, hits: requests, grace: retryAtMs > performance.now() ? unixTime(retryAtMs) : 0 };
}

function subscription({ key, hits, nodes }: SubscribedPool): object {
  return {
    key,
    hits,
    sni_enabled: 0,
    nodes: [...nodes.values()].map(({ backend, announcement, seenAtMs }) => ({
      name: backend.name,
      modifier1: announcement.modifier1,
      modifier2: announcement.modifier2,
      last_check: unixTime(seenAtMs),
      requests: backend.requests,
      tx: backend.answerBytes,
      rx: backend.requestBytes,
      cores: announcement.cores,
      load: announcement.load,
      weight: backend.weight,
      ref: backend.active,
      failcnt: backend.failures,
      death_mark: 0,
    })),
  };
}

/** Of a `performance.now()` time. */
function unixTime(atMs: number): number {
  return Math.floor((performance.timeOrigin + atMs) / MS_PER_SECOND);
}
