import { constants } from 'node:os';
import { isIP } from 'node:net';

import {
  AF_UNIX,
  connectSocket,
  encodeTcpAddress,
  encodeUnixAddress,
  type EncodedAddress,
  localTcpName,
  openSocket,
  peerTcpName,
  setNoDelay,
  setNonBlocking,
  SystemCallError,
  type TcpName,
} from '@emperor/posix';

import { EpollListener } from './epoll-listener.ts';
import { EpollLoop } from './epoll-loop.ts';
import { EpollStream } from './epoll-stream.ts';
import { NodeTransport } from './node-transport.ts';
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

const { EAGAIN, EINPROGRESS } = constants.errno;
/** A UNIX listener whose queue is full says so at once and tells nothing later: it is asked again. */
const UNIX_RETRY_MS = 5;

/** The transport for Linux: non-blocking sockets and epoll, without an object of Node's for each connection. */
export class EpollTransport implements Transport {
  readonly #loop: EpollLoop = EpollLoop.shared;
  readonly #complain: (message: string) => void;

  constructor(settings: TransportSettings = {}) {
    this.#complain = settings.complain ?? ((message): void => process.emitWarning(message));
  }

  listen(descriptor: number, address: SocketAddress, accept: AcceptHandler): StreamListener {
    return new EpollListener(this.#loop, descriptor, address, accept, this.#complain);
  }

  adopt(descriptor: number, handler: StreamHandler): Stream {
    setNonBlocking(descriptor);
    const isTcp = localTcpName(descriptor).host !== '';
    const stream = new EpollStream(this.#loop, descriptor, isTcp, peerTcpName(descriptor), 'open');
    stream.attach(handler);
    stream.startSoon();
    return stream;
  }

  soon(task: Task): void {
    this.#loop.soon(task);
  }

  connect(address: SocketAddress, handler: StreamHandler): Stream {
    if (address.kind === 'unix') return this.#open(encodeUnixAddress(address.path), { host: '', port: 0 }, handler);
    const { host, port } = address;
    // Names are looked up by Node, which can wait for the answer.
    if (isIP(host) === 0) return new NodeTransport({ complain: this.#complain }).connect(address, handler);
    return this.#open(encodeTcpAddress(host, port), { host, port }, handler);
  }

  #open(address: EncodedAddress, peer: TcpName, handler: StreamHandler): Stream {
    const isTcp = address.family !== AF_UNIX;
    const descriptor = openSocket(address.family);
    const stream = new EpollStream(this.#loop, descriptor, isTcp, peer, 'connecting');
    stream.attach(handler);
    if (descriptor < 0) {
      stream.fail(new SystemCallError('socket', -descriptor));
    } else {
      if (isTcp) setNoDelay(descriptor);
      this.#attempt(stream, address);
    }
    return stream;
  }

  #attempt(stream: EpollStream, address: EncodedAddress): void {
    if (stream.isClosed) return;
    const result = connectSocket(stream.descriptor, address);
    if (result === 0 || result === -EINPROGRESS) stream.startSoon();
    else if (result === -EAGAIN && address.family === AF_UNIX)
      setTimeout(() => this.#attempt(stream, address), UNIX_RETRY_MS);
    else stream.fail(new SystemCallError('connect', -result));
  }
}
