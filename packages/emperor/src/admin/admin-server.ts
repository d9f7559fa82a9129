import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { EmperorError } from '../emperor-error.ts';
import { VERBS, type Outcome, type Verb } from './operations.ts';
import type { VassalStatus } from './status.ts';

/*
 *   GET  /status                  { pid, version, vassals: [VassalStatus, …] }
 *   POST /vassals/NAME/VERB       an Outcome, when there is one; NAME is percent-encoded. 404 for an unknown one
 */

/** What the server of the commands gives access to. */
export interface AdminApi {
  status(): Promise<EmperorStatus>;
  /** Undefined when there is no such vassal. */
  perform(verb: Verb, vassal: string): Promise<Outcome | undefined>;
}

export interface EmperorStatus {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly vassals: readonly VassalStatus[];
}

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
    const server = createServer((request, response) => {
      answer(request, api).then(
        ({ status, body }) => send(response, status, body),
        (error: unknown) => send(response, 500, { error: String(error) }),
      );
    });
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

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer({ method, url = '' }: IncomingMessage, api: AdminApi): Promise<Answer> {
  if (method === 'GET' && url === '/status') return { status: 200, body: await api.status() };
  const [, name, verb] = /^\/vassals\/([^/]+)\/([a-z]+)$/.exec(url) ?? [];
  if (method !== 'POST' || name === undefined || !isVerb(verb)) {
    return {
      status: 404,
      body: { error: `there are GET /status and POST /vassals/NAME/VERB, with ${VERBS.join(', ')}` },
    };
  }
  const outcome = await api.perform(verb, decodeURIComponent(name));
  if (outcome === undefined) return { status: 404, body: { error: `there is no vassal ${decodeURIComponent(name)}` } };
  return { status: 200, body: outcome };
}

function isVerb(text: string | undefined): text is Verb {
  return VERBS.some((verb) => verb === text);
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
