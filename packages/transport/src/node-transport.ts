import type { Buffer } from 'node:buffer';
import net from 'node:net';

import { systemBacklogLimit } from '@emperor/posix';

import type { AcceptHandler, SocketAddress, Stream, StreamHandler, StreamListener, Transport } from './transport.ts';

/** IPv4 clients of a dual-stack socket are shown as what they are. */
const MAPPED_IPV4 = '::ffff:';

/** A stream on top of `net.Socket`. */
class NodeStream implements Stream {
  readonly #socket: net.Socket;
  readonly #handler: StreamHandler;
  #error: Error | undefined;

  constructor(socket: net.Socket, makeHandler: (stream: Stream) => StreamHandler) {
    this.#socket = socket;
    this.#handler = makeHandler(this);
    const handler = this.#handler;
    // Never text: no encoding is set.
    socket.on('data', (chunk) => handler.onData(chunk as Buffer));
    socket.on('end', () => handler.onEnd());
    socket.on('drain', () => handler.onDrain());
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => handler.onClose(this.#error));
    if (handler.onConnect !== undefined) socket.on('connect', () => handler.onConnect?.());
  }

  get remoteAddress(): string {
    const address = this.#socket.remoteAddress ?? '';
    return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? '';
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  write(chunk: Uint8Array | string): boolean {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return true;
    return typeof chunk === 'string' ? socket.write(chunk, 'latin1') : socket.write(chunk);
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    // A close with unsent or unread data must not look like an orderly end to the peer.
    if (this.#socket.remoteAddress !== undefined) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

class NodeListener implements StreamListener {
  readonly address: SocketAddress;
  readonly #server: net.Server;

  constructor(server: net.Server, address: SocketAddress) {
    this.#server = server;
    this.address = address;
  }

  close(): void {
    this.#server.close();
  }
}

/** The transport every platform has: Node's own sockets. */
export class NodeTransport implements Transport {
  listen(
    descriptor: number,
    address: SocketAddress,
    accept: AcceptHandler,
    backlog: number = systemBacklogLimit(),
  ): StreamListener {
    const server = net.createServer({ allowHalfOpen: true, noDelay: address.kind === 'tcp' }, (socket) => {
      void new NodeStream(socket, accept);
    });
    // Node calls listen(2) on the descriptor again: with its own small backlog unless told.
    server.listen({ fd: descriptor, backlog });
    return new NodeListener(server, address);
  }

  connect(address: SocketAddress, handler: StreamHandler): Stream {
    const target: net.NetConnectOpts =
      address.kind === 'tcp'
        ? { host: address.host, port: address.port, noDelay: true, allowHalfOpen: true }
        : { path: address.path, allowHalfOpen: true };
    return new NodeStream(net.connect(target), () => handler);
  }

  adopt(descriptor: number, handler: StreamHandler): Stream {
    const socket = new net.Socket({ fd: descriptor, readable: true, writable: true, allowHalfOpen: true });
    const stream = new NodeStream(socket, () => handler);
    socket.resume();
    return stream;
  }
}
