import { constants } from 'node:os';

import {
  acceptedAddress,
  acceptSocket,
  closeSocket,
  decodeTcpName,
  EpollEvent,
  setNoDelay,
  setNonBlocking,
  SystemCallError,
  type TcpName,
} from '@emperor/posix';

import type { EpollLoop, EventSource } from './epoll-loop.ts';
import { EpollStream } from './epoll-stream.ts';
import { formatAddress } from './format-address.ts';
import type { AcceptHandler, SocketAddress, StreamListener } from './transport.ts';

const { EAGAIN, ECONNABORTED, EINTR } = constants.errno;
/** Connections accepted before others get their turn. */
const ACCEPTS_PER_TURN = 64;
/** More than any queue of the kernel holds for us. */
const LAST_ACCEPTS = 65_536;
/** How long accepting rests when the process or the system has no descriptors left: connections wait in the kernel's queue. */
const REST_MS = 100;

const NO_NAME: TcpName = { host: '', port: 0 };

/** Accepts connections on a listening socket. */
export class EpollListener implements StreamListener, EventSource {
  serial = 0;
  readonly descriptor: number;
  readonly address: SocketAddress;
  readonly #loop: EpollLoop;
  readonly #accept: AcceptHandler;
  readonly #complain: (message: string) => void;
  readonly #isTcp: boolean;
  #rest: NodeJS.Timeout | undefined;
  /** It has been said that descriptors are short, and not been better since. */
  #complained = false;
  #closed = false;

  constructor(
    loop: EpollLoop,
    descriptor: number,
    address: SocketAddress,
    accept: AcceptHandler,
    complain: (message: string) => void,
  ) {
    this.#loop = loop;
    this.descriptor = descriptor;
    this.address = address;
    this.#accept = accept;
    this.#complain = complain;
    this.#isTcp = address.kind === 'tcp';
    setNonBlocking(descriptor);
    if (this.#isTcp) setNoDelay(descriptor);
    loop.add(this, EpollEvent.in);
    loop.hold();
  }

  onEvents(): void {
    this.#acceptWaiting(ACCEPTS_PER_TURN);
  }

  #acceptWaiting(limit: number): void {
    for (let accepted = 0; accepted < limit && !this.#closed; accepted++) {
      const descriptor = acceptSocket(this.descriptor);
      if (descriptor >= 0) {
        this.#serve(descriptor);
      } else if (descriptor === -EAGAIN) {
        this.#complained = false;
        return;
      } else if (descriptor !== -EINTR && descriptor !== -ECONNABORTED) {
        this.#takeRest(-descriptor);
        return;
      }
    }
  }

  #serve(descriptor: number): void {
    const peer = this.#isTcp ? decodeTcpName(acceptedAddress) : NO_NAME;
    const stream = new EpollStream(this.#loop, descriptor, this.#isTcp, peer, 'open');
    stream.attach(this.#accept(stream));
    stream.start();
  }

  /** Without descriptors nothing can be accepted; trying on and on would only burn the processor. */
  #takeRest(errno: number): void {
    if (!this.#complained) {
      this.#complained = true;
      const { message } = new SystemCallError('accept4', errno);
      this.#complain(`accepting on ${formatAddress(this.address)}: ${message}: waiting until it works again`);
    }
    this.#loop.modify(this, 0);
    this.#rest = setTimeout(() => this.#loop.modify(this, EpollEvent.in), REST_MS);
  }

  close(): void {
    if (this.#closed) return;
    // Who waits in the kernel's queue believes to be connected, and would see a reset.
    this.#acceptWaiting(LAST_ACCEPTS);
    this.#closed = true;
    clearTimeout(this.#rest);
    this.#loop.forget(this);
    closeSocket(this.descriptor);
    this.#loop.release();
  }
}
