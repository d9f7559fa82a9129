import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EmperorError } from '../emperor-error.ts';
import { JSON_TYPE, PLAIN_TEXT, sendWhole } from './whole-answer.ts';
import { createServer } from '../node-http.ts';

/** What the server shows; each is called for each request. */
export interface Views {
  readonly metricsType: string;
  metrics(): Promise<string>;
  /** The same vassals under the names of timonwong/uwsgi_exporter. */
  uwsgiMetrics(): Promise<string>;
  /** Whether the first starts are over. */
  isReady(): boolean;
  status(): Promise<object>;
}

/** The small HTTP server of `--metrics`: `/metrics`, `/metrics/uwsgi`, `/status` (JSON), `/healthz` and `/readyz`. */
export class MetricsServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, host: string) {
    this.#server = server;
    const shown = host.includes(':') ? `[${host}]` : host;
    this.url = `http://${shown}:${(server.address() as AddressInfo).port}`;
  }

  static async listen(host: string, port: number, views: Views): Promise<MetricsServer> {
    const server = createServer({ requestTimeout: 10_000, keepAliveTimeout: 75_000 }, (request, response) => {
      answer(request.method ?? '', request.url ?? '', views, response).catch((error: unknown) => {
        sendWhole(response, 500, PLAIN_TEXT, `${String(error)}\n`);
      });
    });
    await new Promise<void>((done, failed) => {
      server.once('error', (error: NodeJS.ErrnoException) => failed(listenError(host, port, error)));
      server.listen(port, host, done);
    });
    // The server is there to be looked at; it is no reason to stay.
    server.unref();
    return new MetricsServer(server, host);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): EmperorError {
  const address = `${host}:${port}`;
  const why =
    error.code === 'EADDRINUSE'
      ? `another process is listening there; find it with \`ss -ltnp 'sport = :${port}'\`, or choose another address with --metrics`
      : `${error.message}; choose another address with --metrics`;
  return new EmperorError(`could not serve metrics at ${address}: ${why}`, { cause: error });
}

async function answer(method: string, url: string, views: Views, response: ServerResponse): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendWhole(response, 405, PLAIN_TEXT, 'only GET and HEAD here\n');
  }
  switch (url.split('?')[0]) {
    case '/metrics':
      return sendWhole(response, 200, views.metricsType, await views.metrics());
    case '/status':
      return sendWhole(response, 200, JSON_TYPE, `${JSON.stringify(await views.status(), undefined, 2)}\n`);
    case '/metrics/uwsgi':
      return sendWhole(response, 200, views.metricsType, await views.uwsgiMetrics());
    case '/healthz':
      return sendWhole(response, 200, PLAIN_TEXT, 'ok\n');
    case '/readyz':
      return views.isReady()
        ? sendWhole(response, 200, PLAIN_TEXT, 'ok\n')
        : sendWhole(response, 503, PLAIN_TEXT, 'vassals are being started\n');
    default:
      return sendWhole(
        response,
        404,
        PLAIN_TEXT,
        'there are /metrics, /metrics/uwsgi, /status, /healthz and /readyz here\n',
      );
  }
}
