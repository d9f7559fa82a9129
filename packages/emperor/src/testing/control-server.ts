import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A vassal's control socket that answers each line with what it is told to; undefined: with silence. */
export class ControlServer {
  readonly path: string;
  questions = 0;
  readonly #directory: string;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(directory: string, answer: () => string | undefined) {
    this.#directory = directory;
    this.path = join(directory, 'control.sock');
    this.#server = createServer((client) => {
      this.#clients.add(client);
      client.on('error', () => undefined);
      client.on('data', () => {
        this.questions += 1;
        const text = answer();
        if (text !== undefined) client.write(text);
      });
    });
  }

  static async listen(answer: () => string | undefined): Promise<ControlServer> {
    const server = new ControlServer(mkdtempSync(join(tmpdir(), 'emperor-control-')), answer);
    await new Promise<void>((done) => server.#server.listen(server.path, done));
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise((done) => this.#server.close(done));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
