import net from 'node:net';

import { systemBacklogLimit } from '@emperor/posix';

import { formatAddress } from './format-address.ts';
import { NodeStream } from './node-stream.ts';
import type {
  AcceptHandler,
  SocketAddress,
  Stream,
  StreamHandler,
  StreamListener,
  Task,
  Transport,
  TransportSettings,
} from './transport.ts';

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

function runTask(task: Task): void {
  task.run();
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

  soon(task: Task): void {
    setImmediate(runTask, task);
  }
}
