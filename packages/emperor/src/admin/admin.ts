import { existsSync } from 'node:fs';

import { parseAddress, VERSION } from '@emperor/config';

import { EmperorError } from '../emperor-error.ts';
import type { Emperor } from '../emperor.ts';
import { monitorName } from '../monitor/pattern.ts';
import type { EventFan } from '../event-fan.ts';
import { askConfiguration, askFigures, askStatistics } from '../vassal/control-client.ts';
import type { VassalFigures } from '../vassal/vassal-figures.ts';
import type { VassalPhaseName } from '../vassal/vassal-phase.ts';
import type { Vassal } from '../vassal/vassal.ts';
import type { AdminApi, EmperorLook, VassalPage } from './admin-api.ts';
import { AdminServer } from './admin-server.ts';
import { AdminSite } from './admin-site.ts';
import { EmperorFigures } from './emperor-figures.ts';
import { emperorStats, type EmperorFacts } from './emperor-stats.ts';
import { FiguresCollector } from './figures-collector.ts';
import { MetricsServer } from './metrics-server.ts';
import { Metrics } from './metrics.ts';
import { perform } from './operations.ts';
import { RecentEvents } from './recent-events.ts';
import { ReloadWatch } from './reload-watch.ts';
import { StatsServer } from './stats-server.ts';
import { makeToken, readToken, SiteGuard } from './site-guard.ts';
import { rowOf, statusOf, type VassalStatus } from './status.ts';
import { untilReady } from './until-ready.ts';
import { uwsgiJson } from './uwsgi-json.ts';
import { UwsgiMetrics, type VassalStatistics } from './uwsgi-metrics.ts';

/** States of a vassal that has not had its first chance yet. */
const STARTING: ReadonlySet<VassalPhaseName> = new Set(['queued', 'starting']);

const NOBODY: ReadonlySet<string> = new Set();

/** How long one vassal may take to answer: for uWSGI's metrics, or about its reload. */
const STATISTICS_TIMEOUT_MS = 1000;

/** How long a vassal may take to tell its configuration. */
const PAGE_TIMEOUT_MS = 2000;

/** What the admin needs beside the emperor. */
export interface AdminSurroundings {
  /** Path of the control socket of the vassal with an id. */
  readonly controlSocket: (id: string) => string;
  readonly isTyrant: boolean;
  readonly events: EventFan;
  readonly upgrade: AdminApi['upgrade'];
}

/** What the options say about the admin address. */
export interface AdminSiteWish {
  readonly address: string;
  /** Undefined: a token is made. */
  readonly tokenFile: string | undefined;
  readonly dashboard: boolean;
  readonly allowsWrites: boolean;
}

/** What can be seen of an emperor and its vassals, and done to them. */
export class Admin {
  readonly #emperor: Emperor;
  readonly #surroundings: AdminSurroundings;
  readonly #recent = new RecentEvents();
  readonly #collector = new FiguresCollector();
  readonly #figures = new EmperorFigures();
  readonly #metrics = new Metrics(this.#figures, () => this.#emperor.problems.length);
  readonly #uwsgiMetrics = new UwsgiMetrics();

  constructor(emperor: Emperor, surroundings: AdminSurroundings) {
    this.#emperor = emperor;
    this.#surroundings = surroundings;
    surroundings.events.listen(this.#recent.note);
    surroundings.events.listen(this.#figures.note);
    const reloads = new ReloadWatch(
      (vassal) => this.#askFigures(vassal),
      (event) => surroundings.events.tell(event),
    );
    surroundings.events.listen(reloads.note);
  }

  async #askFigures(name: string): Promise<VassalFigures | undefined> {
    const vassal = this.#emperor.vassals.get(name);
    return vassal && askFigures(this.#surroundings.controlSocket(vassal.id), STATISTICS_TIMEOUT_MS);
  }

  /** Every vassal, with what it tells about itself; one that does not answer is shown as such. */
  async statuses(): Promise<VassalStatus[]> {
    const vassals = [...this.#emperor.vassals.values()];
    const sources = vassals
      .filter((vassal) => 'pid' in vassal.state.phase)
      .map((vassal) => ({ name: vassal.name, socketPath: this.#surroundings.controlSocket(vassal.id) }))
      .filter(({ socketPath }) => existsSync(socketPath));
    const collected = await this.#collector.collect(sources);
    return vassals.map((vassal) => statusOf(vassal, collected.get(vassal.name)));
  }

  /** Serves the document of `emperor-stats`. */
  listenStats(address: string): Promise<StatsServer> {
    return StatsServer.listen(address, () => uwsgiJson(emperorStats(this.#facts(), this.#emperor.vassals.values())));
  }

  #facts(): EmperorFacts {
    const { patterns } = this.#emperor;
    const [only, ...others] = patterns;
    return {
      version: VERSION,
      pid: process.pid,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      // uWSGI's emperor goes into the directory it watches when there is just one.
      workingDirectory: only?.kind === 'directory' && others.length === 0 ? only.directory : process.cwd(),
      monitors: patterns.map(monitorName),
      isTyrant: this.#surroundings.isTyrant,
    };
  }

  /** uWSGI's statistics of every vassal that has a process. */
  #statistics(): Promise<VassalStatistics[]> {
    const vassals = [...this.#emperor.vassals.values()].filter((vassal) => 'pid' in vassal.state.phase);
    return Promise.all(
      vassals.map(async ({ name, id }) => ({
        vassal: name,
        statistics: await askStatistics(this.#surroundings.controlSocket(id), STATISTICS_TIMEOUT_MS),
      })),
    );
  }

  /** Every vassal has been started, whatever came of it. */
  get #isReady(): boolean {
    return [...this.#emperor.vassals.values()].every(({ state }) => !STARTING.has(state.phase.name));
  }

  /** Listens for commands of the operator. */
  listenCommands(path: string): Promise<AdminServer> {
    return AdminServer.listen(path, this.#api);
  }

  /** Serves the admin address: the API, and the dashboard if asked for. @throws EmperorError for an address that is not on the loopback */
  listenSite(wish: AdminSiteWish, defaultTokenFile: string): Promise<AdminSite> {
    const { host, port } = tcpAddress(wish.address, '--admin');
    if (!isLoopback(host)) {
      throw new EmperorError(
        `the admin address is for this machine only: --admin takes a loopback address such as 127.0.0.1:${port}, not "${wish.address}"; reach it from elsewhere through ssh -L`,
      );
    }
    const token = wish.tokenFile === undefined ? makeToken(defaultTokenFile) : readToken(wish.tokenFile);
    const guard = new SiteGuard(token, wish.allowsWrites, host);
    return AdminSite.listen(this.#api, { host, port, guard, dashboard: wish.dashboard });
  }

  get #api(): AdminApi {
    const { events } = this.#surroundings;
    const vassalOf = (name: string): Vassal | undefined => this.#emperor.vassals.get(name);
    return {
      status: async () => (await this.#look()).status,
      look: (vassals) => this.#look(vassals),
      vassal: async (name) => {
        const vassal = vassalOf(name);
        return vassal === undefined ? undefined : this.#page(vassal);
      },
      perform: async (verb, name) => {
        const vassal = vassalOf(name);
        return vassal === undefined ? undefined : perform(verb, vassal, events);
      },
      untilReady: (name, patienceMs) => untilReady(name, vassalOf, events, patienceMs),
      upgrade: this.#surroundings.upgrade,
      recent: this.#recent,
    };
  }

  async #look(closer: ReadonlySet<string> = NOBODY): Promise<EmperorLook> {
    const since = new Date(performance.timeOrigin).toISOString();
    const statuses = await this.statuses();
    const details = statuses.filter(({ name }) => closer.has(name)).map((each) => [each.name, each] as const);
    const { problems } = this.#emperor;
    return { status: { pid: process.pid, since, vassals: statuses.map(rowOf), problems }, details: new Map(details) };
  }

  async #page(vassal: Vassal): Promise<VassalPage> {
    const socketPath = this.#surroundings.controlSocket(vassal.id);
    const isUp = 'pid' in vassal.state.phase && existsSync(socketPath);
    const [collected, configuration] = await Promise.all([
      isUp ? this.#collector.collectOne({ name: vassal.name, socketPath }) : undefined,
      isUp ? askConfiguration(socketPath, PAGE_TIMEOUT_MS) : undefined,
    ]);
    const status = statusOf(vassal, collected);
    return { status, ...(configuration === undefined ? {} : { configuration }) };
  }

  /** Serves metrics and status over HTTP at an address as an option gives it. */
  listen(address: string): Promise<MetricsServer> {
    this.#figures.watchLoop();
    const { host, port } = tcpAddress(address, '--metrics');
    return MetricsServer.listen(host, port, {
      metricsType: this.#metrics.contentType,
      metrics: async () => this.#metrics.render(await this.statuses()),
      uwsgiMetrics: async () => this.#uwsgiMetrics.render(await this.#statistics()),
      isReady: () => this.#isReady,
      status: async () => (await this.#look()).status,
    });
  }
}

/** Without a host it is the loopback: who wants the whole network to read along says so. */
function tcpAddress(text: string, option: string): { host: string; port: number } {
  const address = parseAddress(text);
  if (address.kind !== 'tcp') throw new EmperorError(`${option} takes HOST:PORT, not "${text}"`);
  return { host: address.host === '' ? '127.0.0.1' : address.host, port: address.port };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
