import { constants } from 'node:os';

import { sendBytes, sendFilePart, sendPinned } from '@emperor/posix';

import { HeldBytes } from './held-bytes.ts';

/** A part of a file among what is sent. */
export interface FilePart {
  readonly descriptor: number;
  offset: number;
  length: number;
  readonly onDone: (error?: Error) => void;
}

/** Sent at most before others get their turn: a client on the same machine takes data as fast as it is sent. */
const BUDGET_BYTES = 1_048_576;
/** `sendfile` reads as much from the disk in one call. */
const FILE_BYTES = 524_288;

const { EAGAIN, EINTR } = constants.errno;

export type FlushResult = 'empty' | 'blocked' | 'more';

/** What a stream has to send, in order. Bytes are copied: whoever gives them may change them at once. */
export class OutputQueue {
  /** Bytes given and not taken by the kernel. */
  pendingBytes = 0;
  sentBytes = 0;
  /** The first to be sent. Nearly always it is the only one, and an array that becomes empty gives up its memory each time. */
  #first: HeldBytes | FilePart | undefined;
  /** Behind it. */
  readonly #others: (HeldBytes | FilePart)[] = [];
  #finishedFiles: (() => void)[] | undefined;
  /** What is held is held for some time: in no more memory than it needs. */
  #isBlocked = false;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Puts bytes at the end, from `from` on. */
  hold(piece: Uint8Array | string, from: number = 0): void {
    this.pendingBytes += piece.length - from;
    for (let at = from; at < piece.length;) at += this.#tail(piece.length - at).add(piece, at);
  }

  /** Where there is room for more. @param bytes that are to come */
  #tail(bytes: number): HeldBytes {
    const last = this.#others.at(-1) ?? this.#first;
    if (last instanceof HeldBytes && last.hasRoom) return last;
    const held = this.#isBlocked ? new HeldBytes(bytes) : new HeldBytes();
    this.#append(held);
    return held;
  }

  #append(item: HeldBytes | FilePart): void {
    if (this.#first === undefined) this.#first = item;
    else this.#others.push(item);
  }

  holdFile(part: FilePart): void {
    this.#append(part);
    this.pendingBytes += part.length;
  }

  /**
   * Sends bytes from where they are; only while nothing is held. The rest is held.
   * @returns as `flush`
   */
  send(descriptor: number, bytes: Uint8Array): FlushResult | number {
    const sent = sendBytes(descriptor, bytes, false);
    if (sent < 0 && sent !== -EAGAIN && sent !== -EINTR) return sent;
    if (sent > 0) this.sentBytes += sent;
    if (sent === bytes.length) return 'empty';
    this.hold(bytes, Math.max(sent, 0));
    return this.flush(descriptor, false);
  }

  /**
   * Sends as much as the kernel takes and fairness allows.
   * @param more more follows at once, or the end: the kernel may send that together with the last bytes
   * @returns `more` when the budget was used up, or a negative errno: the connection is broken
   */
  flush(descriptor: number, more: boolean): FlushResult | number {
    let budget = BUDGET_BYTES;
    this.#isBlocked = false;
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (budget <= 0) return 'more';
      const sent =
        first instanceof HeldBytes
          ? this.#sendHeld(descriptor, first, more || this.#others.length > 0)
          : this.#sendFile(descriptor, first);
      if (sent >= 0) {
        budget -= sent;
      } else if (sent === -EAGAIN) {
        this.#isBlocked = true;
        if (first instanceof HeldBytes) first.shrink();
        return 'blocked';
      } else if (sent !== -EINTR) {
        return sent;
      }
    }
    return 'empty';
  }

  #sendHeld(descriptor: number, held: HeldBytes, more: boolean): number {
    const sent = sendPinned(descriptor, held.address, held.length, more);
    if (sent <= 0) return sent;
    this.#taken(sent);
    held.drop(sent);
    if (held.length === 0) {
      this.#first = this.#others.shift();
      held.release();
    }
    return sent;
  }

  #sendFile(descriptor: number, part: FilePart): number {
    const sent = sendFilePart(descriptor, part.descriptor, part.offset, Math.min(part.length, FILE_BYTES));
    if (sent > 0) {
      part.offset += sent;
      part.length -= sent;
      this.#taken(sent);
    } else if (sent === 0 && part.length > 0) {
      this.#finishFile(part, new Error('the file is shorter than it was'));
      return 0;
    }
    if (part.length === 0) this.#finishFile(part, undefined);
    return sent;
  }

  #taken(bytes: number): void {
    this.pendingBytes -= bytes;
    this.sentBytes += bytes;
  }

  #finishFile(part: FilePart, error: Error | undefined): void {
    this.pendingBytes -= part.length;
    this.#first = this.#others.shift();
    (this.#finishedFiles ??= []).push(() => part.onDone(error));
  }

  /** A file that comes too late. */
  refuse(part: FilePart): void {
    (this.#finishedFiles ??= []).push(() => part.onDone(new Error('the connection was closed')));
  }

  /** Nothing is sent any more. */
  drop(): void {
    for (let item = this.#first; item !== undefined; item = this.#others.shift())
      if (item instanceof HeldBytes) item.release();
      else this.refuse(item);
    this.#first = undefined;
    this.pendingBytes = 0;
  }

  get hasFinishedFiles(): boolean {
    return this.#finishedFiles !== undefined;
  }

  /** Tells the owners of files that are done; not to be called from inside a call of theirs. */
  tellFinishedFiles(): void {
    const finished = this.#finishedFiles;
    this.#finishedFiles = undefined;
    for (const tell of finished ?? []) tell();
  }
}
