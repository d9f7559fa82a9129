import { Buffer } from 'node:buffer';
import { read } from 'node:fs';
import type net from 'node:net';

const CHUNK_BYTES = 131_072;

/** Sends a part of a file through a `net.Socket`: Node knows no `sendfile`, so it is read and written piece by piece. */
export class NodeFileSender {
  readonly #socket: net.Socket;
  readonly #descriptor: number;
  readonly #onDone: (error?: Error) => void;
  /** Its content has been taken by the socket before it is filled again. */
  readonly #buffer: Buffer;
  #offset: number;
  /** Bytes of the file not read yet. */
  remaining: number;

  /** @param onDone called once, later: all of it was taken by the kernel, or could not be */
  constructor(socket: net.Socket, descriptor: number, offset: number, length: number, onDone: (error?: Error) => void) {
    this.#socket = socket;
    this.#descriptor = descriptor;
    this.#offset = offset;
    this.remaining = length;
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(length, CHUNK_BYTES));
    this.#onDone = onDone;
    if (length === 0) setImmediate(onDone);
    else this.#next();
  }

  #next(): void {
    const buffer = this.#buffer;
    read(this.#descriptor, buffer, 0, Math.min(this.remaining, buffer.length), this.#offset, (error, length) => {
      if (error !== null) this.#onDone(error);
      else if (length === 0) this.#onDone(new Error('the file is shorter than it was'));
      else if (this.#socket.destroyed) this.#onDone(new Error('the connection was closed'));
      else this.#write(buffer.subarray(0, length));
    });
  }

  #write(chunk: Buffer): void {
    this.#offset += chunk.length;
    this.remaining -= chunk.length;
    this.#socket.write(chunk, (error) => {
      if (error !== null && error !== undefined) this.#onDone(error);
      else if (this.remaining === 0) this.#onDone();
      else this.#next();
    });
  }
}
