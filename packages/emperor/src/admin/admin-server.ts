import { rmSync } from 'node:fs';
import type { Server } from 'node:http';

import { EmperorError } from '../emperor-error.ts';
import { createServer } from '../node-http.ts';
import type { AdminApi } from './admin-api.ts';
import { answerApi } from './admin-routes.ts';

/** Nobody else may command. */
const SOCKET_UMASK = 0o177;

/** HTTP on a UNIX socket in the runtime directory, for the commands of the operator. */
export class AdminServer {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  static async listen(path: string, api: AdminApi): Promise<AdminServer> {
    const server = createServer(
      { requestTimeout: 10_000 },
      (request, response) => void answerApi(request, response, api),
    );
    rmSync(path, { force: true });
    const umask = process.umask(SOCKET_UMASK);
    await new Promise<void>((done, failed) => {
      server.once('error', (error) => {
        failed(new EmperorError(`could not listen for commands at "${path}": ${error.message}`, { cause: error }));
      });
      server.listen(path, done);
      // The socket is made by now.
      process.umask(umask);
    });
    server.unref();
    return new AdminServer(server, path);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
    rmSync(this.#path, { force: true });
  }
}
