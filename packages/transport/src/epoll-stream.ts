import { constants } from 'node:os';

import { EpollEvent, PinnedBuffer, receive, setResetOnClose, SystemCallError, takeSocketError } from '@emperor/posix';

import { EpollOutput } from './epoll-output.ts';
import type { Stream, StreamHandler } from './transport.ts';

const { EAGAIN, ECONNRESET, EINTR } = constants.errno;
/** What is read in one call and one turn; one buffer serves all streams. */
const READ_BYTES = 262_144;

const ENDING_EVENTS = EpollEvent.peerHangUp | EpollEvent.hangUp | EpollEvent.error;

const input = new PinnedBuffer(READ_BYTES);

/**
 * A stream on a non-blocking socket. Events are edge-triggered: the kernel tells only what changes, so what may still be read is
 * remembered in `#readable`. Its handler is only ever called from the event loop.
 */
export class EpollStream extends EpollOutput implements Stream {
  #readable = false;
  /** The peer has ended its side or is gone: reading goes on until it is seen. */
  #hungUp = false;
  #paused = false;
  #peerEnded = false;
  #error: Error | undefined;
  #closeTold = false;

  /** To be called first. */
  attach(handler: StreamHandler): void {
    this.handler = handler;
  }

  /** Begins, from inside the event loop. What has arrived is read at once. */
  start(): void {
    this.#readable = true;
    this.#read();
    if (this.isClosed) return;
    if (this.isBrief && !this.blocked && !this.#readable) this.watchLater();
    else this.watch();
  }

  /** Begins, from anywhere: the handler is told from the next turn on. */
  startSoon(): void {
    this.#readable = this.state === 'open';
    this.watch();
    this.later();
  }

  // ---- what its user asks for

  end(): void {
    if (this.ending || this.state === 'closing' || this.state === 'closed') return;
    this.ending = true;
    if (!this.isCorked) this.flush();
  }

  close(): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.state = 'closing';
    this.flush();
  }

  destroy(): void {
    if (this.state === 'closed') return;
    if (this.isTcp && this.state !== 'connecting') setResetOnClose(this.descriptor);
    this.shutDown();
  }

  expectNothing(): void {
    if (this.serial === 0) this.isBrief = true;
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
    if (this.state === 'connecting') {
      if (!this.#finishConnecting()) return;
    } else if ((events & (EpollEvent.out | ENDING_EVENTS)) !== 0 && this.blocked) {
      this.blocked = false;
      this.flush();
      this.tellDrain();
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
    this.state = 'open';
    this.flush();
    this.handler?.onConnect?.();
  }

  /** What was put off until now. */
  run(): void {
    this.begunTask();
    if (this.output.hasFinishedFiles) this.output.tellFinishedFiles();
    if (this.state === 'closed') {
      this.#tellClose();
      return;
    }
    if (!this.output.isEmpty && !this.blocked && !this.isCorked) this.flush();
    this.tellDrain();
    this.#read();
  }

  // ---- input

  #read(): void {
    if (!this.#readable || this.#paused || this.#peerEnded || this.state !== 'open') return;
    const length = receive(this.descriptor, input);
    if (length > 0) {
      // A short read has taken all there was; the kernel tells of more.
      this.#readable = length === READ_BYTES || this.#hungUp;
      this.#handOn(length);
      if (this.#readable) this.later();
    } else if (length === 0) {
      this.#readable = false;
      this.#peerEnded = true;
      this.handler?.onEnd();
      this.closeWhenBothEnded();
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
    this.cork();
    try {
      this.handler?.onData(input.bytes.subarray(0, length));
    } finally {
      this.uncork();
    }
  }

  // ---- the end

  protected closeWhenBothEnded(): void {
    if (this.#peerEnded && this.shut && this.state === 'open') this.shutDown();
  }

  /** Closes because of an error. */
  fail(error: Error): void {
    if (this.state === 'closed') return;
    this.#error = error;
    this.shutDown();
  }

  /** The descriptor goes now, the handler is told later. */
  protected shutDown(): void {
    this.state = 'closed';
    this.release();
    this.output.drop();
    this.later();
  }

  #tellClose(): void {
    if (this.#closeTold) return;
    this.#closeTold = true;
    const { handler } = this;
    // The loop may hold a brief stream for a moment longer: not all that its connection has had with it.
    this.handler = undefined;
    handler?.onClose(this.#error);
  }
}
