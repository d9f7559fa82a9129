import { closeSocket, EpollEvent, localTcpName, shutdownWriting, type TcpName } from '@emperor/posix';

import type { BriefSource, EpollLoop } from './epoll-loop.ts';
import type { Task } from './transport.ts';

const READ_EVENTS = EpollEvent.in | EpollEvent.peerHangUp | EpollEvent.edgeTriggered;
const ALL_EVENTS = READ_EVENTS | EpollEvent.out;
const NO_NAME: TcpName = { host: '', port: 0 };

/**
 * The descriptor of a stream: who is at its ends, and how the loop watches it. Events are edge-triggered: the kernel tells only what
 * changes.
 */
export abstract class EpollSocket implements BriefSource, Task {
  serial = 0;
  readonly descriptor: number;
  protected readonly isTcp: boolean;
  readonly #loop: EpollLoop;
  readonly #peer: TcpName;
  #local: TcpName | undefined;
  #watchesOutput = false;
  #isTask = false;

  constructor(loop: EpollLoop, descriptor: number, isTcp: boolean, peer: TcpName) {
    this.#loop = loop;
    this.descriptor = descriptor;
    this.isTcp = isTcp;
    this.#peer = peer;
    loop.hold();
  }

  abstract get isClosed(): boolean;
  /** The descriptor could not be watched. */
  abstract fail(error: Error): void;
  abstract onEvents(events: number): void;
  abstract run(): void;
  /** It matters now when more can be sent. */
  protected abstract get awaitsOutput(): boolean;

  get remoteAddress(): string {
    return this.#peer.host;
  }

  get remotePort(): number {
    return this.#peer.port;
  }

  get localAddress(): string {
    return this.#localName().host;
  }

  get localPort(): number {
    return this.#localName().port;
  }

  #localName(): TcpName {
    if (this.#local === undefined && this.isTcp && !this.isClosed) this.#local = localTcpName(this.descriptor);
    return this.#local ?? NO_NAME;
  }

  // ---- the loop

  watch(): void {
    if (this.serial !== 0 || this.isClosed) return;
    this.#watchesOutput = this.awaitsOutput;
    try {
      this.#loop.add(this, this.#watchesOutput ? ALL_EVENTS : READ_EVENTS);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  protected watchLater(): void {
    this.#loop.addLater(this);
  }

  /** The kernel takes no more for now: it is to say when it does. */
  protected watchOutput(): void {
    if (this.#watchesOutput || this.serial === 0) return;
    this.#watchesOutput = true;
    this.#loop.modify(this, ALL_EVENTS);
  }

  /** Runs `run` behind the events of this turn. */
  protected later(): void {
    if (this.#isTask) return;
    this.#isTask = true;
    this.#loop.soon(this);
  }

  /** To be called first by `run`. */
  protected begunTask(): void {
    this.#isTask = false;
  }

  protected shutDownWriting(): void {
    shutdownWriting(this.descriptor);
  }

  protected release(): void {
    this.#loop.forget(this);
    closeSocket(this.descriptor);
    this.#loop.release();
  }
}
