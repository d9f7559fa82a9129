import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { parseAnswer, type Answer } from './answer.ts';
import { patienceMs, within } from './until.ts';

/** Where a server listens: a port of 127.0.0.1, or the path of a UNIX socket. */
export type Target = number | string;

/** A connection that sends exactly the bytes it is given and takes answers off what comes back. */
export class HttpClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #received: Buffer[] = [];
  #ended = false;
  #problem: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#received.push(data);
      this.#wake();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#problem = error;
    });
  }

  static async connect(target: Target): Promise<HttpClient> {
    const socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
    socket.setNoDelay();
    await once(socket, 'connect');
    return new HttpClient(socket);
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Says that nothing more will be sent, and still listens. */
  finishSending(): void {
    this.#socket.end();
  }

  /** Goes away without a word (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Takes nothing more of what the server sends. */
  pause(): void {
    this.#socket.pause();
  }

  /** True once the server has ended the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next answer. Fails when the connection ends before it is complete. */
  async answer(method: string = 'GET'): Promise<Answer> {
    return await within(
      patienceMs,
      `an answer; received so far: ${JSON.stringify(this.#peek())}`,
      this.#takeAnswer(method === 'HEAD'),
    );
  }

  /** All bytes until the server closes the connection. */
  async rest(): Promise<Buffer> {
    await within(
      patienceMs,
      `the server to close; received so far: ${JSON.stringify(this.#peek())}`,
      this.#untilEnded(),
    );
    return Buffer.concat(this.#received.splice(0));
  }

  /** Waits until the server has sent this many bytes in all, and leaves them for `answer` or `rest`. */
  async received(count: number): Promise<Buffer> {
    await within(
      patienceMs,
      `${count} bytes`,
      this.#moreUntil(() => this.#bytes().length >= count),
    );
    return this.#bytes();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  async #takeAnswer(isHead: boolean): Promise<Answer> {
    for (;;) {
      const atEnd = this.#ended;
      const bytes = this.#bytes();
      const answer = parseAnswer(bytes, { isHead, atEnd });
      if (answer !== undefined) {
        this.#received.splice(0, Infinity, bytes.subarray(answer.raw.length));
        return answer;
      }
      if (atEnd)
        throw new Error(`closed in the middle of an answer, after ${JSON.stringify(this.#peek())}`, {
          cause: this.#problem,
        });
      await this.#more();
    }
  }

  async #untilEnded(): Promise<void> {
    await this.#moreUntil(() => this.#ended);
    if (this.#problem !== undefined) throw this.#problem;
  }

  async #moreUntil(enough: () => boolean): Promise<void> {
    while (!enough()) {
      assert.ok(!this.#ended, 'the server closed the connection');
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }

  #bytes(): Buffer {
    const bytes = Buffer.concat(this.#received);
    this.#received.splice(0, Infinity, bytes);
    return bytes;
  }

  #peek(): string {
    return this.#bytes().toString('latin1', 0, 300);
  }
}

/** Sends these bytes on a connection of their own and returns all that comes back until the server closes. */
export async function exchangeBytes(target: Target, request: string | Uint8Array): Promise<Buffer> {
  await using client = await HttpClient.connect(target);
  client.send(request);
  return await client.rest();
}

/** The text of a request: `Host` and `Connection: close` are there unless given. */
export function request(line: string, headers: Readonly<Record<string, string>> = {}, body: string = ''): string {
  const all: Record<string, string> = { Host: 'localhost', Connection: 'close', ...headers };
  if (body !== '') all['Content-Length'] ??= String(Buffer.byteLength(body, 'latin1'));
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** One request on a connection of its own: `ask(port, 'GET /base.css')`. */
export async function ask(
  target: Target,
  line: string,
  headers?: Readonly<Record<string, string>>,
  body?: string,
): Promise<Answer> {
  await using client = await HttpClient.connect(target);
  client.send(request(line, headers, body));
  return await client.answer(line.split(' ')[0]);
}
