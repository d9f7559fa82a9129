import { hostname } from 'node:os';

import {
  type ConnectionLimits,
  type ConnectionServer,
  type ConnectionServerSettings,
  HttpServer,
  type HttpServerSettings,
  type ListenerDescription,
  type ResponseFilter,
  type TimerWheel,
  UwsgiServer,
} from '@emperor/http';
import type { AcceptHandler } from '@emperor/transport';

import { acceptProxied } from './proxy/proxy-protocol-listener.ts';

/** What the router does behind one open socket. */
export interface ListenerSettings extends Pick<
  ConnectionServerSettings,
  'handle' | 'finished' | 'takePacket' | 'complain' | 'say' | 'ignoresLostClients'
> {
  readonly description: ListenerDescription;
  /** What apps see as SERVER_PORT: the port of a TCP socket, else empty. */
  readonly port: string;
  readonly limits: ConnectionLimits;
  readonly keepAlive: boolean;
  /** Apps see the certificate of a TLS client (`https-export-cert`). */
  readonly exportsCertificate?: boolean;
  /** Connections may begin with a header of the PROXY protocol. Decided when the socket opens. */
  readonly takesProxyProtocol?: boolean;
  /** Encodings of the http router (`http-auto-gzip`). */
  readonly filters: readonly ResponseFilter[];
}

/** The server behind one socket: the protocol is all that tells them apart (DESIGN section 2). It outlives reloads. */
export class Listener {
  readonly accept: AcceptHandler;
  readonly #server: ConnectionServer;

  constructor(settings: ListenerSettings, wheel: TimerWheel) {
    this.#server =
      settings.description.protocol === 'uwsgi'
        ? new UwsgiServer(commonSettings(settings), wheel)
        : new HttpServer(httpSettings(settings), wheel);
    const { limits, complain, description } = settings;
    // In front of TLS the header has been taken off already.
    this.accept =
      settings.takesProxyProtocol === true && !description.protocol.startsWith('https')
        ? acceptProxied(this.#server.accept, { wheel, timeoutMs: limits.headTimeoutMs, complain })
        : this.#server.accept;
  }

  /** Where connections go whose client chose HTTP/2; undefined for a protocol that has no such thing. */
  get acceptHttp2(): HttpServer['acceptHttp2'] | undefined {
    return this.#server instanceof HttpServer ? this.#server.acceptHttp2 : undefined;
  }

  get connectionCount(): number {
    return this.#server.connectionCount;
  }

  /** Requests go by these settings from now on, also on open connections. The protocol stays. */
  reconfigure(settings: ListenerSettings): void {
    this.#server.reconfigure(this.#server instanceof HttpServer ? httpSettings(settings) : commonSettings(settings));
  }

  /** Ends connections as they become idle. Resolves when none is left. */
  drain(): Promise<void> {
    return this.#server.drain();
  }

  /** Cuts every connection. */
  destroy(): void {
    this.#server.destroy();
  }
}

function commonSettings(settings: ListenerSettings): ConnectionServerSettings {
  const { description, limits, handle, finished, takePacket, complain, say = complain } = settings;
  const { ignoresLostClients = false } = settings;
  return { listener: description, limits, handle, finished, takePacket, complain, say, ignoresLostClients };
}

function httpSettings(settings: ListenerSettings): HttpServerSettings {
  const { description, port, keepAlive, filters, exportsCertificate } = settings;
  return {
    ...commonSettings(settings),
    serverName: hostname(),
    serverPort: port,
    router: description.protocol.endsWith('-socket') ? undefined : 'http',
    secure: description.protocol.startsWith('https'),
    exportsCertificate: exportsCertificate ?? false,
    keepAlive,
    filters,
  };
}
