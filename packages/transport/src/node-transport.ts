import type { Buffer } from 'node:buffer';
import net from 'node:net';

import { setResetOnClose, systemBacklogLimit } from '@emperor/posix';

import { formatAddress } from './format-address.ts';
import type {
  AcceptHandler,
  SocketAddress,
  Stream,
  StreamHandler,
  StreamListener,
  Transport,
  TransportSettings,
} from './transport.ts';

/** IPv4 clients of a dual-stack socket are shown as what they are. */
const MAPPED_IPV4 = '::ffff:';

interface SocketHandle {
  readonly fd: number;
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** A stream on top of `net.Socket`. */
class NodeStream implements Stream {
  readonly #socket: net.Socket;
  readonly #handler: StreamHandler;
  #error: Error | undefined;
  #sentBytes = 0;

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

  get sentBytes(): number {
    // Node counts a write only once all of it is sent; the handle knows more (as net.Socket's own time-out does).
    const handle = this.#handle;
    if (handle !== undefined) this.#sentBytes = handle.bytesWritten - handle.writeQueueSize;
    return this.#sentBytes;
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

  close(): void {
    this.#socket.destroy();
  }

  destroy(): void {
    const socket = this.#socket;
    if (socket.remoteAddress === undefined || socket.destroyed) {
      socket.destroy();
    } else if (!socket.writableEnded) {
      socket.resetAndDestroy();
    } else {
      // Node cannot reset a socket whose shutdown is under way: it would leave it open for ever.
      const { fd } = this.#handle ?? {};
      if (fd !== undefined && fd >= 0) setResetOnClose(fd);
      socket.destroy();
    }
  }

  /** What Node's own code uses of a socket; undefined when it is closed. */
  get #handle(): SocketHandle | undefined {
    return (this.#socket as { _handle?: SocketHandle | null })._handle ?? undefined;
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
  readonly #complain: (message: string) => void;

  constructor(settings: TransportSettings = {}) {
    this.#complain = settings.complain ?? ((message): void => process.emitWarning(message));
  }

  listen(
    descriptor: number,
    address: SocketAddress,
    accept: AcceptHandler,
    backlog: number = systemBacklogLimit(),
  ): StreamListener {
    const server = net.createServer({ allowHalfOpen: true, noDelay: address.kind === 'tcp' }, (socket) => {
      void new NodeStream(socket, accept);
    });
    // A connection that could not be accepted, such as for want of descriptors, is no reason to stop.
    server.on('error', (error) => this.#complain(`accepting on ${formatAddress(address)}: ${error.message}`));
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
