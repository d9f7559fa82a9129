import { parseAddress } from '@emperor/config';

import { EmperorError } from '../emperor-error.ts';
import type { Emperor } from '../emperor.ts';
import { FiguresCollector } from './figures-collector.ts';
import { MetricsServer } from './metrics-server.ts';
import { Metrics } from './metrics.ts';
import { statusOf, type VassalStatus } from './status.ts';

/** What can be seen of an emperor and its vassals. */
export class Admin {
  readonly #emperor: Emperor;
  readonly #controlSocket: (id: string) => string;
  readonly #collector = new FiguresCollector();
  readonly #metrics = new Metrics();

  constructor(emperor: Emperor, controlSocket: (id: string) => string) {
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

  /** Serves metrics and status over HTTP at an address as an option gives it. */
  listen(address: string): Promise<MetricsServer> {
    const { host, port } = tcpAddress(address);
    return MetricsServer.listen(host, port, {
      metricsType: this.#metrics.contentType,
      metrics: async () => this.#metrics.render(await this.statuses()),
      status: async () => ({ pid: process.pid, vassals: await this.statuses() }),
    });
  }
}

/** Without a host it is the loopback: who wants the whole network to read along says so. */
function tcpAddress(text: string): { host: string; port: number } {
  const address = parseAddress(text);
  if (address.kind !== 'tcp') throw new EmperorError(`--metrics takes HOST:PORT, not "${text}"`);
  return { host: address.host === '' ? '127.0.0.1' : address.host, port: address.port };
}
