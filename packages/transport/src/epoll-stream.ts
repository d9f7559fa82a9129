import { constants } from 'node:os';

import {
  EpollEvent,
  PinnedBuffer,
  receive,
  setResetOnClose,
  SystemCallError,
  takeSocketError,
  type TcpName,
} from '@emperor/posix';

import type { EpollLoop } from './epoll-loop.ts';
import { EpollSocket } from './epoll-socket.ts';
import { type FlushResult, OutputQueue } from './output-queue.ts';
import type { Stream, StreamHandler } from './transport.ts';

const { EAGAIN, ECONNRESET, EINTR } = constants.errno;
/** What is read in one call and one turn; one buffer serves all streams. */
const READ_BYTES = 262_144;
/** From so many pending bytes on, whoever writes is asked to wait. */
const HIGH_WATER_BYTES = 65_536;
/** The same while writes are collected: a piece of 64 KB and what frames it leave together. */
const CORKED_BYTES = 131_072;

const ENDING_EVENTS = EpollEvent.peerHangUp | EpollEvent.hangUp | EpollEvent.error;

const input = new PinnedBuffer(READ_BYTES);

/**
 * `connecting`: until the kernel says that it is connected · `open`: both sides · `closing`: nothing is received any more, what is
 * pending is still sent · `closed`: the descriptor is gone, `onClose` is due or told
 */
type State = 'connecting' | 'open' | 'closing' | 'closed';

/**
 * A stream on a non-blocking socket. Events are edge-triggered: the kernel tells only what changes, so what may still be read is
 * remembered in `#readable`. Its handler is only ever called from the event loop.
 */
export class EpollStream extends EpollSocket implements Stream {
  #handler: StreamHandler | undefined;
  #state: State;
  readonly #output = new OutputQueue();
  #corks = 0;
  /** The kernel takes no more for now; it will say when it does. */
  #blocked = false;
  /** The peer is expected to send nothing more. */
  #isBrief = false;
  /** A `write` returned false. */
  #owesDrain = false;
  #readable = false;
  /** The peer has ended its side or is gone: reading goes on until it is seen. */
  #hungUp = false;
  #paused = false;
  #peerEnded = false;
  #ending = false;
  #shut = false;
  #error: Error | undefined;
  #closeTold = false;

  /** Takes over a descriptor that is connected, or is being connected. */
  constructor(loop: EpollLoop, descriptor: number, isTcp: boolean, peer: TcpName, state: 'connecting' | 'open') {
    super(loop, descriptor, isTcp, peer);
    this.#state = state;
  }

  /** To be called first. */
  attach(handler: StreamHandler): void {
    this.#handler = handler;
  }

  /** Begins, from inside the event loop. What has arrived is read at once. */
  start(): void {
    this.#readable = true;
    this.#read();
    if (this.isClosed) return;
    if (this.#isBrief && !this.#blocked && !this.#readable) this.watchLater();
    else this.watch();
  }

  /** Begins, from anywhere: the handler is told from the next turn on. */
  startSoon(): void {
    this.#readable = this.#state === 'open';
    this.watch();
    this.later();
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  protected get awaitsOutput(): boolean {
    return this.#state === 'connecting' || this.#blocked;
  }

  get pendingBytes(): number {
    return this.#output.pendingBytes;
  }

  get sentBytes(): number {
    return this.#output.sentBytes;
  }

  // ---- what its user asks for

  write(chunk: Uint8Array | string): boolean {
    if (this.#ending || this.#state === 'closing' || this.#state === 'closed') return false;
    const output = this.#output;
    const limit = this.#corks === 0 ? HIGH_WATER_BYTES : CORKED_BYTES;
    if (typeof chunk !== 'string' && this.#mayPass(chunk.length)) {
      this.#flushed(output.send(this.descriptor, chunk));
    } else if (chunk.length > 0) {
      output.hold(chunk);
      if (this.#corks === 0 || output.pendingBytes >= limit) this.#flush();
    }
    if (output.pendingBytes < limit) return !this.isClosed;
    this.#owesDrain = true;
    return false;
  }

  /** Whether so many bytes can be sent from where they are; sends what is held in front of them. */
  #mayPass(bytes: number): boolean {
    if (bytes === 0 || this.#state !== 'open' || this.#blocked) return false;
    if (this.#corks > 0) {
      // One system call for several pieces is worth a copy, up to a point.
      if (bytes <= HIGH_WATER_BYTES) return false;
      this.#flush(true);
    }
    return this.#output.isEmpty && !this.#blocked && !this.isClosed;
  }

  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void {
    const part = { descriptor, offset, length, onDone };
    if (this.#ending || this.#state === 'closing' || this.#state === 'closed') {
      this.#output.refuse(part);
      this.later();
    } else {
      this.#output.holdFile(part);
      if (this.#corks === 0) this.#flush();
    }
  }

  cork(): void {
    this.#corks++;
  }

  uncork(): void {
    if (--this.#corks === 0 && (!this.#output.isEmpty || this.#ending)) this.#flush();
  }

  end(): void {
    if (this.#ending || this.#state === 'closing' || this.#state === 'closed') return;
    this.#ending = true;
    if (this.#corks === 0) this.#flush();
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    this.#flush();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    if (this.isTcp && this.#state !== 'connecting') setResetOnClose(this.descriptor);
    this.#shutDown();
  }

  expectNothing(): void {
    if (this.serial === 0) this.#isBrief = true;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#readable) this.later();
  }

  // ---- what the loop tells

  onEvents(events: number): void {
    if (this.#state === 'connecting') {
      if (!this.#finishConnecting()) return;
    } else if ((events & (EpollEvent.out | ENDING_EVENTS)) !== 0 && this.#blocked) {
      this.#blocked = false;
      this.#flush();
      this.#tellDrain();
    }
    if ((events & (EpollEvent.in | ENDING_EVENTS)) === 0) return;
    this.#readable = true;
    if ((events & ENDING_EVENTS) !== 0) this.#hungUp = true;
    // A reset is told at once, although what came before it will not be read.
    if ((events & EpollEvent.error) !== 0 && this.isTcp && this.#paused) this.fail(this.#takeError('recv'));
    this.#read();
  }

  #takeError(call: string): Error {
    return new SystemCallError(call, -takeSocketError(this.descriptor) || ECONNRESET);
  }

  /** @returns false when it could not be connected */
  #finishConnecting(): boolean {
    const error = takeSocketError(this.descriptor);
    if (error < 0) {
      this.fail(new SystemCallError('connect', -error));
      return false;
    }
    this.connected();
    return true;
  }

  /** The kernel says that it is connected. */
  connected(): void {
    this.#state = 'open';
    this.#flush();
    this.#handler?.onConnect?.();
  }

  /** What was put off until now. */
  run(): void {
    this.begunTask();
    if (this.#output.hasFinishedFiles) this.#output.tellFinishedFiles();
    if (this.#state === 'closed') {
      this.#tellClose();
      return;
    }
    if (!this.#output.isEmpty && !this.#blocked && this.#corks === 0) this.#flush();
    this.#tellDrain();
    this.#read();
  }

  // ---- input

  #read(): void {
    if (!this.#readable || this.#paused || this.#peerEnded || this.#state !== 'open') return;
    const length = receive(this.descriptor, input);
    if (length > 0) {
      // A short read has taken all there was; the kernel tells of more.
      this.#readable = length === READ_BYTES || this.#hungUp;
      this.#handOn(length);
      if (this.#readable) this.later();
    } else if (length === 0) {
      this.#readable = false;
      this.#peerEnded = true;
      this.#handler?.onEnd();
      this.#closeWhenBothEnded();
    } else if (length === -EAGAIN) {
      this.#readable = false;
    } else if (length === -EINTR) {
      this.later();
    } else {
      this.fail(new SystemCallError('recv', -length));
    }
  }

  /** What the handler writes meanwhile leaves together. */
  #handOn(length: number): void {
    this.#corks++;
    try {
      this.#handler?.onData(input.bytes.subarray(0, length));
    } finally {
      this.uncork();
    }
  }

  // ---- output

  #flush(moreFollows: boolean = this.isTcp && (this.#ending || this.#state === 'closing')): void {
    if (this.#state === 'connecting' || this.#state === 'closed' || this.#blocked) return;
    this.#flushed(this.#output.flush(this.descriptor, moreFollows));
  }

  /** Goes on as far as the kernel has taken what was to be sent. */
  #flushed(result: FlushResult | number): void {
    if (this.#output.hasFinishedFiles) this.later();
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
    if (this.#state === 'closing') {
      this.#shutDown();
    } else if (this.#ending && !this.#shut) {
      this.#shut = true;
      this.shutDownWriting();
      this.#closeWhenBothEnded();
      // The end of the peer is awaited from now on.
      if (this.#isBrief) this.watch();
    } else if (this.#owesDrain) {
      this.later();
    }
  }

  #awaitOutput(): void {
    this.#blocked = true;
    if (this.#isBrief) this.watch();
    this.watchOutput();
  }

  #tellDrain(): void {
    if (!this.#owesDrain || !this.#output.isEmpty || this.#state !== 'open' || this.#ending) return;
    this.#owesDrain = false;
    this.#handler?.onDrain();
  }

  // ---- the end

  #closeWhenBothEnded(): void {
    if (this.#peerEnded && this.#shut && this.#state === 'open') this.#shutDown();
  }

  /** Closes because of an error. */
  fail(error: Error): void {
    if (this.#state === 'closed') return;
    this.#error = error;
    this.#shutDown();
  }

  /** The descriptor goes now, the handler is told later. */
  #shutDown(): void {
    this.#state = 'closed';
    this.release();
    this.#output.drop();
    this.later();
  }

  #tellClose(): void {
    if (this.#closeTold) return;
    this.#closeTold = true;
    this.#handler?.onClose(this.#error);
  }
}
