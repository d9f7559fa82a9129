import { unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

/** One JSON line asked, one JSON line answered: how the emperor learns what its one-byte protocol cannot say (DESIGN section 2). */
export interface ControlRequest {
  readonly request: 'status';
}

const MAX_REQUEST_BYTES = 4096;

/** The vassal's own socket in the emperor's runtime directory (0700: only its owner reaches it). */
export class ControlSocket {
  readonly #server: Server;
  readonly #path: string;
  readonly #clients = new Set<Socket>();

  constructor(path: string, status: () => object) {
    this.#path = path;
    this.#removeFile();
    this.#server = createServer((client) => this.#serve(client, status));
    // Without it the status is unavailable, the service is not.
    this.#server.on('error', () => {});
    this.#server.listen(path);
    this.#server.unref();
  }

  close(): void {
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    this.#removeFile();
  }

  #serve(client: Socket, status: () => object): void {
    this.#clients.add(client);
    client.unref();
    client.setEncoding('utf8');
    client.on('close', () => this.#clients.delete(client));
    client.on('error', () => {});
    let text = '';
    client.on('data', (chunk) => {
      text += chunk.toString();
      if (text.length > MAX_REQUEST_BYTES) client.destroy();
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        client.write(`${JSON.stringify(answer(text.slice(0, end), status))}\n`);
        text = text.slice(end + 1);
      }
    });
  }

  #removeFile(): void {
    try {
      unlinkSync(this.#path);
    } catch {
      // Not there: nothing to remove.
    }
  }
}

function answer(line: string, status: () => object): object {
  try {
    const request = JSON.parse(line) as Partial<ControlRequest>;
    if (request.request === 'status') return status();
    return { error: `unknown request ${JSON.stringify(request.request)}: "status" is known` };
  } catch {
    return { error: 'the request is not a line of JSON' };
  }
}
