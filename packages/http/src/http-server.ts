import type { TLSSocket } from 'node:tls';

import type { ClientCertificate, Stream } from '@emperor/transport';

import { ConnectionServer, type ConnectionServerSettings, type ServedConnection } from './connection-server.ts';
import type { ResponseFilter } from './exchange.ts';
import { Http1Connection } from './http1-connection.ts';

/** One listener that speaks HTTP/1. */
export interface HttpServerSettings extends ConnectionServerSettings {
  /** The machine's host name (uWSGI's SERVER_NAME). */
  readonly serverName: string;
  readonly serverPort: string;
  /** `UWSGI_ROUTER` and `REMOTE_PORT` are set by uWSGI's http router, not by http-socket. */
  readonly router: string | undefined;
  readonly secure: boolean;
  /** The certificate of a TLS client is given to the app (`https-export-cert`), not only its subject. */
  readonly exportsCertificate?: boolean;
  readonly keepAlive: boolean;
  /** Applied last to every answer: encodings. */
  readonly filters: readonly ResponseFilter[];
}

/** The server behind `http`, `http-socket` and their kin. */
export class HttpServer extends ConnectionServer<HttpServerSettings> {
  /** Serves HTTP/2 on a TLS socket whose client chose it. The first one loads what that takes: some megabytes. */
  readonly acceptHttp2 = async (socket: TLSSocket, clientCertificate: ClientCertificate | undefined): Promise<void> => {
    socket.on('error', () => undefined);
    const { Http2Session } = await import('./http2-session.ts');
    if (!socket.destroyed) this.adopt(new Http2Session(this, socket, clientCertificate));
  };

  protected serve(stream: Stream, clientCertificate: ClientCertificate | undefined): ServedConnection {
    return new Http1Connection(this, stream, clientCertificate);
  }
}
