import { lstatSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';

import { parseAddress } from '@emperor/config';

import { EmperorError } from '../emperor-error.ts';

/** A client that does not read is not kept for longer. */
const CLIENT_PATIENCE_MS = 10_000;

/** `emperor-stats`: who connects gets one JSON document (UWSGI-FACTS 13.7), and the connection is closed. */
export class StatsServer {
  /** As the option gives it; with the port that was chosen where it asks for any. */
  readonly address: string;
  readonly descriptor: number;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(server: Server, asked: string) {
    this.#server = server;
    const bound = server.address();
    this.address = isTcp(bound) ? asked.replace(/:0$/, `:${bound.port}`) : asked;
    this.descriptor = (server as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
    server.on('connection', (client) => this.#keep(client));
    server.unref();
  }

  static async listen(address: string, document: () => string): Promise<StatsServer> {
    const server = createServer({ allowHalfOpen: true }, (client) => client.end(document()));
    const target = listenTarget(address);
    await new Promise<void>((done, failed) => {
      server.once('error', (error) =>
        failed(
          new EmperorError(`could not serve emperor-stats at "${address}": ${error.message}; choose another address`, {
            cause: error,
          }),
        ),
      );
      server.listen(target, done);
    });
    return new StatsServer(server, address);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  #keep(client: Socket): void {
    this.#clients.add(client);
    client.unref();
    client.setTimeout(CLIENT_PATIENCE_MS, () => client.destroy());
    // Whatever it sends is not read by anybody.
    client.resume();
    client.on('error', () => undefined);
    client.on('finish', () => client.destroySoon());
    client.on('close', () => this.#clients.delete(client));
  }
}

function isTcp(address: ReturnType<Server['address']>): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function listenTarget(text: string): ListenOptions {
  const address = parseAddress(text);
  switch (address.kind) {
    case 'tcp':
      return address.host === '' ? { port: address.port } : { host: address.host, port: address.port };
    case 'unix':
      removeStale(address.path);
      return { path: address.path };
    default:
      throw new EmperorError(`emperor-stats takes HOST:PORT or the path of a UNIX socket, not "${text}"`);
  }
}

/** As every server of uWSGI's, it takes the place of a socket file that is there already, and of nothing else. */
function removeStale(path: string): void {
  if (path.startsWith('\0')) return;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
}
