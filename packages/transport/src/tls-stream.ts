import type { TLSSocket } from 'node:tls';

import { setResetOnClose } from '@emperor/posix';

import { NodeStream } from './node-stream.ts';
import type { Stream, StreamHandler } from './transport.ts';

/** What Node's own code uses of the TCP socket under a TLS socket. */
interface SocketHandle {
  readonly fd: number;
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** A stream inside TLS, after its handshake. */
export class TlsStream extends NodeStream {
  readonly #socket: TLSSocket;
  #sentBytes = 0;

  constructor(socket: TLSSocket, makeHandler: (stream: Stream) => StreamHandler) {
    super(socket, makeHandler);
    this.#socket = socket;
  }

  /** Encrypted bytes: what the kernel has taken of the content cannot be told. */
  override get sentBytes(): number {
    const handle = tcpHandle(this.#socket);
    if (handle !== undefined) this.#sentBytes = handle.bytesWritten - handle.writeQueueSize;
    return this.#sentBytes;
  }

  /** TLS sockets of Node have no `resetAndDestroy`. */
  override destroy(): void {
    const { fd } = tcpHandle(this.#socket) ?? {};
    if (fd !== undefined && fd >= 0) setResetOnClose(fd);
    this.#socket.destroy();
  }
}

/** Undefined when the socket is closed. */
function tcpHandle(socket: TLSSocket): SocketHandle | undefined {
  return (socket as { _handle?: { _parent?: SocketHandle } | null })._handle?._parent;
}
