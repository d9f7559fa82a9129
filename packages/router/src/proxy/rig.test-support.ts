import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ConnectionLimits, type Exchange, HttpServer, TimerWheel } from '@emperor/http';
import { listenTcp } from '@emperor/posix';
import { NodeTransport, type SocketAddress, type StreamListener } from '@emperor/transport';

import type { BackendDescription } from './backend.ts';
import { BackendGroup } from './backend-group.ts';
import { Peer } from './peer.test-support.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

/** A backend of a test: what arrives is looked at by the test, what it answers is said by the test. */
export class FakeBackend {
  readonly address: SocketAddress;
  readonly name: string;
  readonly #server: net.Server;
  readonly #peers: Peer[] = [];
  #unseen: Peer[] = [];
  #waiting: ((peer: Peer) => void)[] = [];
  /** Connections it has accepted. */
  accepted = 0;
  keepText = true;

  private constructor(server: net.Server) {
    this.#server = server;
    const address = server.address();
    assert.ok(address !== null);
    this.address =
      typeof address === 'string'
        ? { kind: 'unix', path: address }
        : { kind: 'tcp', host: address.address, port: address.port };
    this.name = typeof address === 'string' ? address : `${address.address}:${address.port}`;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** @param where a path, or a TCP port, chosen by the kernel where 0 */
  static async open(where: string | number = 0): Promise<FakeBackend> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(typeof where === 'string' ? { path: where } : { port: where, host: '127.0.0.1' });
    await once(server, 'listening');
    return new FakeBackend(server);
  }

  #accept(socket: net.Socket): void {
    const peer = new Peer(socket, this.keepText);
    this.accepted++;
    this.#peers.push(peer);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#unseen.push(peer);
    else waiting(peer);
  }

  /** The next connection. */
  connection(): Promise<Peer> {
    const peer = this.#unseen.shift();
    return peer === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(peer);
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const peer of this.#peers) peer.socket.destroy();
    await Promise.all(this.#peers.map((peer) => peer.closed()));
  }
}

/** Generous where a test does not say otherwise: what it waits for must come by itself, not by a time-out. */
const LIMITS: ConnectionLimits = {
  headBytes: 200_000,
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

export interface RigOptions extends Partial<Omit<UpstreamOptions, 'group'>> {
  readonly backends: readonly BackendDescription[];
}

/** An HTTP server whose every request goes to backends, its clients, and what it logged. */
export class ProxyRig implements AsyncDisposable {
  readonly port: number;
  readonly logged: string[] = [];
  readonly finished: Exchange[] = [];
  readonly group: BackendGroup;
  readonly upstream: Upstream;
  /** What is done with requests: they go to the backends, unless a test says otherwise. */
  handle: (exchange: Exchange) => boolean = (exchange) => this.upstream.handle(exchange);
  readonly #server: HttpServer;
  readonly #listener: StreamListener;
  readonly #others: { close(): Promise<void> }[] = [];
  readonly #clients: Peer[] = [];
  #waiting: (() => void)[] = [];

  constructor({ backends, ...options }: RigOptions) {
    const transport = new NodeTransport();
    const wheel = new TimerWheel();
    this.group = new BackendGroup(backends);
    this.upstream = new Upstream({
      transport,
      wheel,
      connectTimeoutMs: 60_000,
      responseTimeoutMs: 60_000,
      modifier1: 0,
      modifier2: 0,
      quiet: false,
      sendProxyProtocol: false,
      log: this.#log,
      ...options,
      group: this.group,
    });
    const socket = listenTcp('127.0.0.1', 0);
    this.port = socket.port;
    this.#server = new HttpServer(
      {
        listener: { protocol: 'http', name: `127.0.0.1:${socket.port}` },
        limits: LIMITS,
        handle: (exchange) => this.handle(exchange),
        finished: (exchange) => {
          this.finished.push(exchange);
          this.#wake();
        },
        complain: this.#log,
        serverName: 'host',
        serverPort: String(socket.port),
        router: 'http',
        secure: false,
        keepAlive: true,
        filters: [],
      },
      wheel,
    );
    const address: SocketAddress = { kind: 'tcp', host: '127.0.0.1', port: socket.port };
    this.#listener = transport.listen(socket.descriptor, address, this.#server.accept);
  }

  readonly #log = (message: string): void => {
    this.logged.push(message);
    this.#wake();
  };

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Closed together with the rig, after it. */
  with(other: { close(): Promise<void> }): this {
    this.#others.push(other);
    return this;
  }

  /** Resolves when the condition holds; looked at whenever something is logged or an exchange is over. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when the figure has stopped moving: everything that can flow has flowed. */
  async stalled(figure: () => number): Promise<void> {
    for (let before = -1, same = 0; same < 20; before = figure()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      same = figure() === before ? same + 1 : 0;
    }
  }

  async connect(keepText = true): Promise<Peer> {
    const socket = net.connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const peer = new Peer(socket, keepText);
    this.#clients.push(peer);
    await once(socket, 'connect');
    return peer;
  }

  /** Sends a request on a connection of its own and waits for the end of the answer. */
  async ask(request: string): Promise<string> {
    const client = await this.connect();
    client.send(request);
    const answer = await client.ended();
    client.end();
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#server.destroy();
    this.upstream.close();
    for (const client of this.#clients) client.socket.destroy();
    await Promise.all(this.#clients.map((client) => client.closed()));
    for (const other of this.#others) await other.close();
    assert.equal(
      this.group.backends.reduce((sum, { active }) => sum + active, 0),
      0,
      'a request is still counted',
    );
    assert.equal(this.upstream.pool.idleCount, 0);
  }
}

/** A rig in front of one fake backend. */
export async function startPair(
  options: Partial<RigOptions> = {},
  description: Partial<BackendDescription> = {},
): Promise<{ rig: ProxyRig; backend: FakeBackend }> {
  const backend = await FakeBackend.open();
  const rig = new ProxyRig({
    backends: [{ name: backend.name, address: backend.address, ...description }],
    ...options,
  }).with(backend);
  return { rig, backend };
}

/** A directory for sockets, removed with the rig. */
export class TemporaryDirectory {
  readonly path: string = mkdtempSync(join(tmpdir(), 'proxy-'));

  close(): Promise<void> {
    rmSync(this.path, { recursive: true });
    return Promise.resolve();
  }
}

/** A request that closes its connection after the answer. */
export function get(path = '/', headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n${headers}\r\n`;
}
