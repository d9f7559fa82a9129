import type { Buffer } from 'node:buffer';
import { closeSync, fstatSync, write, writeSync } from 'node:fs';

import { pauseThread } from './pause-thread.ts';

/** How long a synchronous write may wait for a target that takes nothing. */
const SYNC_PATIENCE_MS = 1000;
const FIRST_RETRY_MS = 5;
const SLOWEST_RETRY_MS = 100;

/** Writes bytes to an open descriptor without ever blocking the event loop. One write at a time. */
export interface DescriptorWriter {
  write(bytes: Buffer, done: (error: Error | undefined) => void): void;
  /** Writes before it returns, behind what is still under way. */
  writeSync(bytes: Buffer): void;
  close(): void;
}

/** The writer that fits what the descriptor is. A pipe or a terminal must have been opened with O_NONBLOCK. */
export function createDescriptorWriter(descriptor: number, isNonBlocking: boolean): DescriptorWriter {
  return isNonBlocking ? new NonBlockingWriter(descriptor) : new ThreadWriter(descriptor);
}

/**
 * For regular files, whose writes the kernel has no non-blocking form of (a slow disk can hold one up for seconds), and for
 * inherited sockets such as systemd's journal: a thread of libuv's pool writes. What it has begun is completed even when the process exits.
 */
class ThreadWriter implements DescriptorWriter {
  readonly #descriptor: number;
  /** Size of the file when the write under way will be done; 0 when none is. */
  #sizeAfter = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Buffer, done: (error: Error | undefined) => void): void {
    const stat = fstatSync(this.#descriptor);
    this.#sizeAfter = stat.isFile() ? stat.size + bytes.length : 0;
    this.#writeRest(bytes, done);
  }

  writeSync(bytes: Buffer): void {
    const deadline = performance.now() + SYNC_PATIENCE_MS;
    while (fstatSync(this.#descriptor).size < this.#sizeAfter && performance.now() < deadline) pauseThread(1);
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(writeSync(this.#descriptor, rest));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #writeRest(bytes: Buffer, done: (error: Error | undefined) => void): void {
    write(this.#descriptor, bytes, (error, written) => {
      if (error === null && written < bytes.length) {
        this.#writeRest(bytes.subarray(written), done);
        return;
      }
      this.#sizeAfter = 0;
      done(error ?? undefined);
    });
  }
}

/**
 * For pipes and terminals: writes what fits and tries the rest later. A thread that waits for a hung reader would keep
 * the process from exiting.
 */
class NonBlockingWriter implements DescriptorWriter {
  readonly #descriptor: number;
  #rest: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Buffer, done: (error: Error | undefined) => void): void {
    this.#attempt(bytes, FIRST_RETRY_MS, done);
  }

  writeSync(bytes: Buffer): void {
    clearTimeout(this.#timer);
    const deadline = performance.now() + SYNC_PATIENCE_MS;
    for (let part of this.#rest === undefined ? [bytes] : [this.#rest, bytes]) {
      for (;;) {
        part = this.#writeSome(part);
        if (part.length === 0) break;
        if (performance.now() >= deadline) throw new Error('nothing reads from it');
        pauseThread(1);
      }
    }
    this.#rest = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    closeSync(this.#descriptor);
  }

  #attempt(bytes: Buffer, retryMs: number, done: (error: Error | undefined) => void): void {
    let rest: Buffer;
    try {
      rest = this.#writeSome(bytes);
    } catch (error) {
      this.#rest = undefined;
      done(error as Error);
      return;
    }
    if (rest.length === 0) {
      this.#rest = undefined;
      done(undefined);
      return;
    }
    this.#rest = rest;
    const next = rest.length < bytes.length ? FIRST_RETRY_MS : Math.min(retryMs * 2, SLOWEST_RETRY_MS);
    this.#timer = setTimeout(() => {
      this.#attempt(rest, next, done);
    }, retryMs).unref();
  }

  /** @returns what did not fit */
  #writeSome(bytes: Buffer): Buffer {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return rest;
  }
}
