import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import net from 'node:net';

import { listenTcp } from '@emperor/posix';
import { createTransport, type StreamListener, type TransportKind } from '@emperor/transport';

import type { ConnectionLimits, ConnectionServer, ConnectionServerSettings } from './connection-server.ts';
import type { BodyReceiver, Exchange, ResponseFilter, ResponseObserver } from './exchange.ts';
import { HttpServer } from './http-server.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UwsgiServer } from './uwsgi-server.ts';

export interface RigOptions {
  readonly limits?: Partial<ConnectionLimits>;
  readonly keepAlive?: boolean;
  readonly filters?: readonly ResponseFilter[];
  readonly router?: string;
  readonly ignoresLostClients?: boolean;
}

/** What is tested on: `EMPEROR_LOOP=node` for the other one. */
const TRANSPORT = (process.env['EMPEROR_LOOP'] ?? 'auto') as TransportKind;

/** Generous where a test does not say otherwise: what it waits for must come by itself, not by a time-out. */
export const LIMITS: ConnectionLimits = {
  headBytes: 4096,
  bodyBytes: 0,
  headTimeoutMs: 60_000,
  bodyTimeoutMs: 60_000,
  chunkTimeoutMs: 60_000,
  chunkBytes: 0,
  expectedBytes: 0,
  answerHeadBytes: 65_536,
  writeTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
};

/** A listener on a port of its own, and what it told. */
export class Rig implements AsyncDisposable {
  readonly port: number;
  readonly complaints: string[] = [];
  readonly finished: Exchange[] = [];
  readonly server: ConnectionServer;
  readonly #listener: StreamListener;
  readonly #clients: Client[] = [];
  #onChange: (() => void)[] = [];

  constructor(
    make: (common: ConnectionServerSettings, port: number) => ConnectionServer,
    options: RigOptions,
    handle: (exchange: Exchange) => void,
  ) {
    const socket = listenTcp('127.0.0.1', 0);
    this.port = socket.port;
    this.server = make(
      {
        listener: { protocol: 'http-socket', name: `127.0.0.1:${socket.port}` },
        limits: { ...LIMITS, ...options.limits },
        ignoresLostClients: options.ignoresLostClients ?? false,
        handle,
        finished: (exchange) => {
          this.finished.push(exchange);
          this.#changed();
        },
        complain: (message) => {
          this.complaints.push(message);
          this.#changed();
        },
      },
      socket.port,
    );
    this.#listener = createTransport(TRANSPORT).listen(
      socket.descriptor,
      { kind: 'tcp', host: '127.0.0.1', port: socket.port },
      this.server.accept,
    );
  }

  #changed(): void {
    const waiting = this.#onChange;
    this.#onChange = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when the condition holds; looked at whenever an exchange finishes or a complaint is made. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#onChange.push(resolve));
  }

  async connect(): Promise<Client> {
    const socket = net.connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    const client = new Client(socket);
    this.#clients.push(client);
    return client;
  }

  /** Sends bytes on a connection of their own and waits for the server to close it. */
  async roundTrip(request: string | Uint8Array): Promise<string> {
    const client = await this.connect();
    client.send(request);
    await client.closed();
    return client.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.server.destroy();
    for (const client of this.#clients) client.destroy();
    await Promise.all(this.#clients.map((client) => client.closed()));
    assert.equal(this.server.connectionCount, 0);
  }
}

export function startHttp(handle: (exchange: Exchange) => void, options: RigOptions = {}): Rig {
  return new Rig(
    (common, port) =>
      new HttpServer(
        {
          ...common,
          serverName: 'host',
          serverPort: String(port),
          router: options.router,
          secure: false,
          keepAlive: options.keepAlive ?? true,
          filters: options.filters ?? [],
        },
        new TimerWheel(),
      ),
    options,
    handle,
  );
}

export function startUwsgi(handle: (exchange: Exchange) => void, options: RigOptions = {}): Rig {
  return new Rig((common) => new UwsgiServer(common, new TimerWheel()), options, handle);
}

/** A client that sends and receives bytes and knows nothing of HTTP. */
export class Client {
  readonly socket: net.Socket;
  text = '';
  /** How the server ended the connection. */
  outcome: 'open' | 'ended' | 'reset' = 'open';
  readonly #closed: Promise<void>;
  #onChange: (() => void)[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.text += text;
      this.#changed();
    });
    socket.on('end', () => {
      this.outcome = 'ended';
      socket.end();
      this.#changed();
    });
    socket.on('error', () => {
      this.outcome = 'reset';
    });
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#changed();
        resolve();
      });
    });
  }

  #changed(): void {
    const waiting = this.#onChange;
    this.#onChange = [];
    for (const resolve of waiting) resolve();
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Half-closes. */
  end(): void {
    this.socket.end();
  }

  /** Goes away rudely. */
  destroy(): void {
    if (!this.socket.destroyed) this.socket.resetAndDestroy();
  }

  /** Waits until the received text matches. @throws AssertionError when the connection closes without */
  async until(pattern: RegExp | ((text: string) => boolean)): Promise<string> {
    const matches = typeof pattern === 'function' ? pattern : (text: string): boolean => pattern.test(text);
    while (!matches(this.text)) {
      if (this.socket.destroyed || this.outcome !== 'open') assert.fail(`closed after ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => this.#onChange.push(resolve));
    }
    return this.text;
  }

  /** Waits until the connection is gone. */
  closed(): Promise<void> {
    return this.#closed;
  }
}

/** Answers with a small text, whatever is asked. */
export function hello(exchange: Exchange): void {
  exchange.respond({ status: 200, reason: 'OK', headers: ['Content-Type', 'text/plain'] }, Buffer.from('hello'));
}

/** Collects the whole request body. */
export function collectBody(exchange: Exchange): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const receiver: BodyReceiver = {
      onBodyData: (chunk) => chunks.push(Buffer.from(chunk)),
      onBodyEnd: () => resolve(Buffer.concat(chunks)),
      onBodyError: reject,
    };
    exchange.body.receive(receiver);
  });
}

/** Answers with the body of the request. */
export function echo(exchange: Exchange): void {
  collectBody(exchange).then(
    (body) => exchange.respond({ status: 200, reason: 'OK', headers: [] }, body),
    (error: Error) => exchange.abort(error.message),
  );
}

/** Of a streamed answer nobody asks anything. */
export const UNOBSERVED: ResponseObserver = { onDrain: () => {}, onAbort: () => {} };

/** Lets the server, which lives in this process, read what was sent and do what it does at once. */
export async function eventLoopTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Answers with the target of the request, as one body. */
export function sayTarget(exchange: Exchange): void {
  exchange.respond(
    { status: 200, reason: 'OK', headers: [] },
    Buffer.from(exchange.variables.get('REQUEST_URI') ?? ''),
  );
}
