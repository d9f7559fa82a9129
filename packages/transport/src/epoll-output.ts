import { SystemCallError, type TcpName } from '@emperor/posix';

import type { EpollLoop } from './epoll-loop.ts';
import { EpollSocket } from './epoll-socket.ts';
import { type FlushResult, OutputQueue } from './output-queue.ts';
import type { StreamHandler } from './transport.ts';

/** From so many pending bytes on, whoever writes is asked to wait. */
const HIGH_WATER_BYTES = 65_536;
/** The same while writes are collected: a piece of 64 KB and what frames it leave together. */
const CORKED_BYTES = 131_072;

/**
 * `connecting`: until the kernel says that it is connected · `open`: both sides · `closing`: nothing is received any more, what is
 * pending is still sent · `closed`: the descriptor is gone, `onClose` is due or told
 */
type State = 'connecting' | 'open' | 'closing' | 'closed';

/** The sending half of a stream: back-pressure, corks, and what follows when all is sent. */
export abstract class EpollOutput extends EpollSocket {
  protected handler: StreamHandler | undefined;
  protected state: State;
  protected readonly output: OutputQueue = new OutputQueue();
  /** The peer is expected to send nothing more. */
  protected isBrief = false;
  /** Our side is to end behind what is pending. */
  protected ending = false;
  /** Our side has ended. */
  protected shut = false;
  /** The kernel takes no more for now; it will say when it does. */
  protected blocked = false;
  #corks = 0;
  /** A `write` returned false. */
  #owesDrain = false;

  /** Takes over a descriptor that is connected, or is being connected. */
  constructor(loop: EpollLoop, descriptor: number, isTcp: boolean, peer: TcpName, state: 'connecting' | 'open') {
    super(loop, descriptor, isTcp, peer);
    this.state = state;
  }

  /** The descriptor goes now, the handler is told later. */
  protected abstract shutDown(): void;
  /** Our side has ended: if the peer's has, too, it is over. */
  protected abstract closeWhenBothEnded(): void;

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  protected get isCorked(): boolean {
    return this.#corks > 0;
  }

  protected get awaitsOutput(): boolean {
    return this.state === 'connecting' || this.blocked;
  }

  get pendingBytes(): number {
    return this.output.pendingBytes;
  }

  get sentBytes(): number {
    return this.output.sentBytes;
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.ending || this.state === 'closing' || this.state === 'closed') return false;
    const output = this.output;
    const limit = this.#corks === 0 ? HIGH_WATER_BYTES : CORKED_BYTES;
    if (typeof chunk !== 'string' && this.#mayPass(chunk.length)) {
      this.#sent(output.send(this.descriptor, chunk));
    } else if (chunk.length > 0) {
      output.hold(chunk);
      if (this.#corks === 0 || output.pendingBytes >= limit) this.flush();
    }
    if (output.pendingBytes < limit) return !this.isClosed;
    this.#owesDrain = true;
    return false;
  }

  /** Whether so many bytes can be sent from where they are; sends what is held in front of them. */
  #mayPass(bytes: number): boolean {
    if (bytes === 0 || this.state !== 'open' || this.blocked) return false;
    if (this.#corks > 0) {
      // One system call for several pieces is worth a copy, up to a point.
      if (bytes <= HIGH_WATER_BYTES) return false;
      this.flush(true);
    }
    return this.output.isEmpty && !this.blocked && !this.isClosed;
  }

  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void {
    const part = { descriptor, offset, length, onDone };
    if (this.ending || this.state === 'closing' || this.state === 'closed') {
      this.output.refuse(part);
      this.later();
    } else {
      this.output.holdFile(part);
      if (this.#corks === 0) this.flush();
    }
  }

  cork(): void {
    this.#corks++;
  }

  uncork(): void {
    if (--this.#corks === 0 && (!this.output.isEmpty || this.ending)) this.flush();
  }

  /** Sends what is pending. @param moreFollows at once: the kernel may wait for it */
  protected flush(moreFollows: boolean = this.isTcp && (this.ending || this.state === 'closing')): void {
    if (this.state === 'connecting' || this.state === 'closed' || this.blocked) return;
    this.#sent(this.output.flush(this.descriptor, moreFollows));
  }

  /** Goes on as far as the kernel has taken what was to be sent. */
  #sent(result: FlushResult | number): void {
    if (this.output.hasFinishedFiles) this.later();
    switch (result) {
      case 'empty':
        this.#emptied();
        return;
      case 'more':
        this.later();
        return;
      case 'blocked':
        this.#awaitOutput();
        return;
      default:
        this.fail(new SystemCallError('send', -result));
    }
  }

  #emptied(): void {
    if (this.state === 'closing') {
      this.shutDown();
    } else if (this.ending && !this.shut) {
      this.shut = true;
      this.shutDownWriting();
      this.closeWhenBothEnded();
      // The end of the peer is awaited from now on.
      if (this.isBrief) this.watch();
    } else if (this.#owesDrain) {
      this.later();
    }
  }

  #awaitOutput(): void {
    this.blocked = true;
    if (this.isBrief) this.watch();
    this.watchOutput();
  }

  /** Where a writer waits, and all is sent. */
  protected tellDrain(): void {
    if (!this.#owesDrain || !this.output.isEmpty || this.state !== 'open' || this.ending) return;
    this.#owesDrain = false;
    this.handler?.onDrain();
  }
}
