import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { EpollTransport } from './epoll-transport.ts';
import { RecordingHandler } from './recording-handler.test-support.ts';

/** The program of `fault-server.test-support.ts`, and connections to it. */
export class FaultServer implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly exited: Promise<unknown>;
  port = 0;
  readonly #transport = new EpollTransport();
  readonly #clients: RecordingHandler[] = [];
  #onLine: (() => void)[] = [];

  constructor(limits: string) {
    const program = join(import.meta.dirname, 'fault-server.test-support.js');
    this.child = spawn('sh', ['-c', `${limits}; exec "$0" "$1"`, process.execPath, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exited = once(this.child, 'exit');
    const { stdout } = this.child;
    assert.ok(stdout !== null);
    createInterface(stdout).on('line', (line) => {
      this.lines.push(line);
      const waiting = this.#onLine;
      this.#onLine = [];
      for (const resolve of waiting) resolve();
    });
  }

  static async start(limits = ':'): Promise<FaultServer> {
    const server = new FaultServer(limits);
    const line = await server.until(/^port /);
    server.port = Number(line.slice(5));
    return server;
  }

  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.lines.find((text) => pattern.test(text));
      if (line !== undefined) return line;
      const next = new Promise<void>((resolve) => this.#onLine.push(resolve));
      const isGone = await Promise.race([next.then(() => false), this.exited.then(() => true)]);
      if (isGone) assert.fail(`the server ended before it said ${String(pattern)}: ${this.lines.join('\n')}`);
    }
  }

  connect(): RecordingHandler {
    const client = new RecordingHandler();
    client.stream = this.#transport.connect({ kind: 'tcp', host: '127.0.0.1', port: this.port }, client);
    this.#clients.push(client);
    return client;
  }

  async ask(client: RecordingHandler, word: string): Promise<string> {
    const before = client.text.length;
    client.stream?.write(word);
    await client.until(() => client.text.length > before);
    return client.text.slice(before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    for (const client of this.#clients) {
      if (client.closed) continue;
      client.stream?.destroy();
      await client.untilClosed();
    }
  }
}
