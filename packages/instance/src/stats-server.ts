import { Buffer } from 'node:buffer';
import { createServer, type Server } from 'node:net';

import type { InstanceSocket } from './sockets.ts';

export interface StatsServerSettings {
  /** `stats-http`: an HTTP head in front. */
  readonly http: boolean;
  /** `stats-minified`: no blanks. */
  readonly minified: boolean;
}

/** Sends one JSON document to whoever connects, and closes (`stats`, UWSGI-FACTS 9.11). */
export class StatsServer {
  readonly #server: Server;
  readonly #socket: InstanceSocket;
  /** What is sent; another generation may say it otherwise. */
  document: () => object;

  constructor(socket: InstanceSocket, settings: StatsServerSettings, document: () => object) {
    this.#socket = socket;
    this.document = document;
    this.#server = createServer((client) => {
      client.on('error', () => {});
      client.resume();
      const text = JSON.stringify(this.document(), undefined, settings.minified ? undefined : '\t');
      const head = settings.http
        ? `HTTP/1.0 200 OK\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`
        : '';
      client.end(head + text);
    });
    this.#server.listen({ fd: socket.descriptor });
    this.#server.unref();
  }

  get descriptor(): number {
    return this.#socket.descriptor;
  }

  close(): void {
    this.#server.close();
  }
}
