import type { Config } from '@emperor/config';
import type { TimerWheel } from '@emperor/http';
import type { Transport } from '@emperor/transport';

import { socketLines } from './banner.ts';
import { executedSocket } from './executed/executed-socket.ts';
import type { Generation } from './generation.ts';
import { requestedSockets } from './listeners.ts';
import { type InstanceSocket, openSocket } from './sockets.ts';
import { StartError } from './start-error.ts';
import { openTls, socketKey, type TlsContextOfInstance, type TlsOfSockets } from './tls-sockets.ts';

/** What the sockets of an instance use of it. */
export interface InstanceSocketsContext extends TlsContextOfInstance {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
}

/** Sockets as another configuration wants them; nothing has changed yet. */
export interface Replacement {
  readonly sockets: readonly InstanceSocket[];
  readonly opened: readonly InstanceSocket[];
  readonly tls: TlsOfSockets;
}

/** The sockets an instance listens on. They outlive generations: a reload keeps those that both configurations have. */
export class InstanceSockets {
  readonly #context: InstanceSocketsContext;
  #sockets: readonly InstanceSocket[] = [];
  #tls: TlsOfSockets = new Map();

  constructor(context: InstanceSocketsContext) {
    this.#context = context;
  }

  get all(): readonly InstanceSocket[] {
    return this.#sockets;
  }

  /**
   * Opens what a configuration asks for and the present one has not.
   * @throws StartError that says what is wrong with which address or certificate; then nothing was opened
   */
  async prepare(config: Config): Promise<Replacement> {
    const { directory } = this.#context;
    const requests = await requestedSockets(config, directory);
    const tls = await openTls(config, requests, this.#context, this.#tls);
    const present = new Map(this.#sockets.map((socket) => [socketKey(socket.request), socket]));
    const opened: InstanceSocket[] = [];
    try {
      const sockets = requests.map((request) => {
        const kept = present.get(socketKey(request));
        if (kept !== undefined) return kept;
        const socket = openSocket(request);
        opened.push(socket);
        return socket;
      });
      return { sockets, opened, tls };
    } catch (error) {
      for (const socket of opened) socket.close();
      throw error;
    }
  }

  /** Opens the first sockets of an instance. @returns lines for the log @throws StartError as `prepare`, and where there are none */
  async open(config: Config): Promise<string[]> {
    const lines = this.replace(await this.prepare(config));
    if (this.#sockets.length === 0) throw new StartError(NOTHING_TO_LISTEN_ON);
    return lines;
  }

  /** Those that are not wanted any more end after the requests they have. @returns lines for the log */
  replace({ sockets, tls }: Replacement): string[] {
    const inherited = new Set(this.#sockets);
    for (const socket of this.#sockets) if (!sockets.includes(socket)) retire(socket);
    this.#sockets = sockets;
    this.#tls = tls;
    return socketLines([...sockets], inherited);
  }

  /** Requests go to a generation from now on. */
  serve(generation: Generation): void {
    const { wheel, transport } = this.#context;
    const taken = executedSocket(generation.config, this.#sockets);
    for (const socket of this.#sockets) {
      if (socket === taken) continue;
      const tls = this.#tls.get(socketKey(socket.request));
      socket.serve(generation.listenerSettings(socket), wheel, transport, tls);
    }
  }

  /** No more connections are accepted. */
  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  /** Ends connections as they become idle. Resolves when none is left. */
  async drain(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.drain()));
  }

  /** Cuts every connection. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Removes the files of UNIX sockets. @returns lines for the log */
  removeFiles(): string[] {
    return this.#sockets
      .filter((socket) => socket.removeFile())
      .map(({ request }) => `VACUUM: unix socket ${request.name} removed.`);
  }
}

/** Gives up sockets that were opened for a configuration that is refused. */
export function abandon({ opened }: Replacement): void {
  for (const socket of opened) socket.close();
}

/** A socket the new configuration does not have any more. */
function retire(socket: InstanceSocket): void {
  socket.close();
  socket.removeFile();
  void socket.drain();
}

const NOTHING_TO_LISTEN_ON = `The -s/--socket option is missing and stdin is not a socket.
There is nothing to listen on: add --http-socket :8000 (HTTP, to be opened in a browser), --http :8000 (the router) or --socket 127.0.0.1:8001 (the uwsgi protocol, behind nginx).`;
