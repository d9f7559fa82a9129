import { Buffer } from 'node:buffer';
import { constants } from 'node:os';

import { PinnedBuffer, sendBytes, sendFilePart, sendPinned } from '@emperor/posix';

/** A part of a file among what is sent. */
export interface FilePart {
  readonly descriptor: number;
  offset: number;
  length: number;
  readonly onDone: (error?: Error) => void;
}

type Item = Uint8Array | string | FilePart;

/** Pieces are gathered here, so that one call sends many of them. */
const GATHER_BYTES = 65_536;
/** Pieces from this size on are sent from where they are. */
const LARGE_BYTES = 32_768;
/** Sent at most before others get their turn: a client on the same machine takes data as fast as it is sent. */
const BUDGET_BYTES = 1_048_576;
/** `sendfile` reads as much from the disk in one call. */
const FILE_BYTES = 524_288;

const { EAGAIN, EINTR } = constants.errno;
const gather = new PinnedBuffer(GATHER_BYTES);

export type FlushResult = 'empty' | 'blocked' | 'more';

function isFile(item: Item): item is FilePart {
  return typeof item !== 'string' && 'onDone' in item;
}

/** What a stream has to send, in order. */
export class OutputQueue {
  /** Bytes given and not taken by the kernel. */
  pendingBytes = 0;
  sentBytes = 0;
  #items: Item[] = [];
  /** Bytes of the first item that are sent. */
  #offset = 0;
  #finishedFiles: (() => void)[] | undefined;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  push(item: Uint8Array | string | FilePart): void {
    if (item.length === 0 && !isFile(item)) return;
    this.#items.push(typeof item === 'string' && item.length >= LARGE_BYTES ? Buffer.from(item, 'latin1') : item);
    this.pendingBytes += item.length;
  }

  /**
   * Sends as much as the kernel takes and fairness allows.
   * @param isLast our side ends right behind it: the kernel may send that together with the last bytes
   * @returns `more` when the budget was used up, or a negative errno: the connection is broken
   */
  flush(descriptor: number, isLast: boolean): FlushResult | number {
    let budget = BUDGET_BYTES;
    while (this.#items.length > 0) {
      if (budget <= 0) return 'more';
      const sent = this.#sendSome(descriptor, isLast);
      if (sent >= 0) {
        budget -= sent;
      } else if (sent === -EAGAIN) {
        return 'blocked';
      } else if (sent !== -EINTR) {
        return sent;
      }
    }
    return 'empty';
  }

  #sendSome(descriptor: number, isLast: boolean): number {
    const first = this.#items[0];
    if (first === undefined) return 0;
    if (isFile(first)) return this.#sendFile(descriptor, first);
    if (typeof first !== 'string' && first.length - this.#offset >= LARGE_BYTES)
      return this.#account(sendBytes(descriptor, first.subarray(this.#offset), isLast || this.#items.length > 1));
    const length = this.#gather();
    return this.#account(sendPinned(descriptor, gather, length, isLast || length < this.pendingBytes));
  }

  /** Copies small pieces from the front of the queue into one. @returns its length */
  #gather(): number {
    let length = 0;
    let skip = this.#offset;
    for (const item of this.#items) {
      if (isFile(item)) break;
      const size = item.length - skip;
      if (size >= LARGE_BYTES || length + size > GATHER_BYTES) break;
      if (typeof item === 'string') gather.bytes.write(skip === 0 ? item : item.slice(skip), length, 'latin1');
      else gather.bytes.set(skip === 0 ? item : item.subarray(skip), length);
      length += size;
      skip = 0;
    }
    return length;
  }

  /** Takes what was sent off the queue. */
  #account(sent: number): number {
    if (sent <= 0) return sent;
    this.pendingBytes -= sent;
    this.sentBytes += sent;
    let rest = sent + this.#offset;
    let done = 0;
    for (const item of this.#items) {
      if (isFile(item) || item.length > rest) break;
      rest -= item.length;
      done++;
    }
    if (done === this.#items.length) this.#items.length = 0;
    else this.#items.splice(0, done);
    this.#offset = rest;
    return sent;
  }

  #sendFile(descriptor: number, part: FilePart): number {
    const sent = sendFilePart(descriptor, part.descriptor, part.offset, Math.min(part.length, FILE_BYTES));
    if (sent > 0) {
      part.offset += sent;
      part.length -= sent;
      this.pendingBytes -= sent;
      this.sentBytes += sent;
    } else if (sent === 0 && part.length > 0) {
      this.#finishFile(part, new Error('the file is shorter than it was'));
      return 0;
    }
    if (part.length === 0) this.#finishFile(part, undefined);
    return sent;
  }

  #finishFile(part: FilePart, error: Error | undefined): void {
    this.pendingBytes -= part.length;
    this.#items.shift();
    (this.#finishedFiles ??= []).push(() => part.onDone(error));
  }

  /** A file that comes too late. */
  refuse(part: FilePart): void {
    (this.#finishedFiles ??= []).push(() => part.onDone(new Error('the connection was closed')));
  }

  /** Nothing is sent any more. */
  drop(): void {
    for (const item of this.#items) if (isFile(item)) this.refuse(item);
    this.#items = [];
    this.#offset = 0;
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
