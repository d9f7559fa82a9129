import { parseAddress, UWSGI_VERSION } from '@emperor/config';

import { EmperorError } from '../emperor-error.ts';
import type { Emperor } from '../emperor.ts';
import { monitorName } from '../monitor/pattern.ts';
import type { EventFan } from '../event-fan.ts';
import { AdminServer } from './admin-server.ts';
import { emperorStats, type EmperorFacts } from './emperor-stats.ts';
import { FiguresCollector } from './figures-collector.ts';
import { MetricsServer } from './metrics-server.ts';
import { Metrics } from './metrics.ts';
import { perform } from './operations.ts';
import { StatsServer } from './stats-server.ts';
import { statusOf, type VassalStatus } from './status.ts';
import { uwsgiJson } from './uwsgi-json.ts';

/** What can be seen of an emperor and its vassals. */
export class Admin {
  readonly #emperor: Emperor;
  readonly #controlSocket: (id: string) => string;
  readonly #isTyrant: boolean;
  readonly #collector = new FiguresCollector();
  readonly #metrics = new Metrics();

  constructor(emperor: Emperor, controlSocket: (id: string) => string, isTyrant: boolean) {
    this.#isTyrant = isTyrant;
    this.#emperor = emperor;
    this.#controlSocket = controlSocket;
  }

  /** Every vassal, with what it tells about itself; one that does not answer is shown as such. */
  async statuses(): Promise<VassalStatus[]> {
    const vassals = [...this.#emperor.vassals.values()];
    const sources = vassals
      .filter((vassal) => 'pid' in vassal.state.phase)
      .map((vassal) => ({ name: vassal.name, socketPath: this.#controlSocket(vassal.id) }));
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
      version: UWSGI_VERSION,
      pid: process.pid,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      // uWSGI's emperor goes into the directory it watches when there is just one.
      workingDirectory: only?.kind === 'directory' && others.length === 0 ? only.directory : process.cwd(),
      monitors: patterns.map(monitorName),
      isTyrant: this.#isTyrant,
    };
  }

  /** Listens for commands of the operator. */
  listenCommands(path: string, events: EventFan): Promise<AdminServer> {
    return AdminServer.listen(path, {
      status: async () => ({ ...this.#self(), vassals: await this.statuses() }),
      perform: async (verb, name) => {
        const vassal = this.#emperor.vassals.get(name);
        return vassal === undefined ? undefined : perform(verb, vassal, events);
      },
    });
  }

  #self(): { readonly pid: number; readonly since: string } {
    return { pid: process.pid, since: new Date(performance.timeOrigin).toISOString() };
  }

  /** Serves metrics and status over HTTP at an address as an option gives it. */
  listen(address: string): Promise<MetricsServer> {
    const { host, port } = tcpAddress(address);
    return MetricsServer.listen(host, port, {
      metricsType: this.#metrics.contentType,
      metrics: async () => this.#metrics.render(await this.statuses()),
      status: async () => ({ ...this.#self(), vassals: await this.statuses() }),
    });
  }
}

/** Without a host it is the loopback: who wants the whole network to read along says so. */
function tcpAddress(text: string): { host: string; port: number } {
  const address = parseAddress(text);
  if (address.kind !== 'tcp') throw new EmperorError(`--metrics takes HOST:PORT, not "${text}"`);
  return { host: address.host === '' ? '127.0.0.1' : address.host, port: address.port };
}
