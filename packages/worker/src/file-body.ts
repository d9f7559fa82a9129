import type { Buffer } from 'node:buffer';
import { close, open, read } from 'node:fs';

import { bufferPool } from '@emperor/transport';

const CHUNK_BYTES = 131_072;

/** Where the bytes of a file go. */
export interface FileTarget {
  /** The file is open: whoever has it may close it. */
  onOpened(): void;
  /** @param chunk valid only during the call @returns false when `resume` will be called */
  onChunk(chunk: Buffer): boolean;
  onEnd(): void;
  onError(error: Error): void;
}

/** Reads a part of a file, piece by piece, as fast as its target takes it. */
export class FileBody {
  readonly #target: FileTarget;
  #descriptor = -1;
  #offset: number;
  #left: number;
  #reading = false;
  #paused = false;
  #destroyed = false;

  constructor(path: string, offset: number, bytes: number, target: FileTarget) {
    this.#offset = offset;
    this.#left = bytes;
    this.#target = target;
    open(path, 'r', (error, descriptor) => {
      target.onOpened();
      if (error !== null) {
        if (!this.#destroyed) target.onError(error);
        return;
      }
      this.#descriptor = descriptor;
      if (this.#destroyed) this.#close();
      else this.#readOn();
    });
  }

  resume(): void {
    this.#paused = false;
    this.#readOn();
  }

  /** Nobody wants the rest. */
  destroy(): void {
    this.#destroyed = true;
    if (this.#descriptor >= 0 && !this.#reading) this.#close();
  }

  #readOn(): void {
    if (this.#reading || this.#paused || this.#destroyed || this.#descriptor < 0) return;
    if (this.#left === 0) {
      this.#close();
      this.#destroyed = true;
      this.#target.onEnd();
      return;
    }
    this.#reading = true;
    const buffer = bufferPool.take(Math.min(CHUNK_BYTES, this.#left));
    const { bytes } = buffer;
    read(this.#descriptor, bytes, 0, Math.min(this.#left, bytes.length), this.#offset, (error, count) => {
      this.#reading = false;
      if (this.#destroyed) this.#close();
      else if (error !== null) this.#fail(error);
      else if (count === 0) this.#fail(new Error('the file has become shorter'));
      else this.#take(bytes.subarray(0, count));
      bufferPool.release(buffer);
      this.#readOn();
    });
  }

  #take(chunk: Buffer): void {
    this.#offset += chunk.length;
    this.#left -= chunk.length;
    this.#paused = !this.#target.onChunk(chunk);
  }

  #fail(error: Error): void {
    this.#destroyed = true;
    this.#close();
    this.#target.onError(error);
  }

  #close(): void {
    if (this.#descriptor < 0) return;
    close(this.#descriptor);
    this.#descriptor = -1;
  }
}
