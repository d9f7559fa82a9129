import { Buffer } from 'node:buffer';

import type { BodyEncoder } from '@emperor/http';

import type { CompressionStream, Compressor } from './compressors.ts';

/** Bodies up to this size are compressed on the spot: sooner done than handed to a thread. */
const SYNC_BYTES = 65_536;

/** Compresses a body that is known as a whole, in one go. */
export class WholeBodyEncoder implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #compressor: Compressor;
  #body: Uint8Array = new Uint8Array();
  #destroyed = false;

  constructor(compressor: Compressor) {
    this.#compressor = compressor;
  }

  write(chunk: Uint8Array): void {
    this.#body = chunk;
  }

  end(): void {
    if (this.#body.length <= SYNC_BYTES) {
      this.#finish(this.#compressor.compressSync(this.#body));
      return;
    }
    this.#compressor.compress(this.#body, (error, output) => {
      if (this.#destroyed) return;
      if (error === null) this.#finish(output);
      else this.onFailed(error);
    });
  }

  destroy(): void {
    this.#destroyed = true;
  }

  #finish(output: Uint8Array): void {
    this.onOutput(output);
    this.onFinished();
  }
}

/** Compresses a body that is still being made: what was written in one turn of the event loop is flushed behind it. */
export class StreamingEncoder implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #stream: CompressionStream;
  readonly #flushKind: number;
  #flushDue = false;
  #ended = false;

  constructor(compressor: Compressor) {
    this.#flushKind = compressor.flushKind;
    this.#stream = compressor.createStream();
    this.#stream.on('data', (chunk: Uint8Array) => {
      this.onOutput(chunk);
    });
    this.#stream.on('end', () => {
      this.onFinished();
    });
    this.#stream.on('error', (error) => {
      this.onFailed(error);
    });
  }

  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  /** The bytes are compressed on another thread, later: who sends a file in pieces may use its buffer again meanwhile. */
  write(chunk: Uint8Array): void {
    this.#stream.write(Buffer.from(chunk));
    if (this.#flushDue) return;
    this.#flushDue = true;
    setImmediate(this.#flush);
  }

  end(): void {
    this.#ended = true;
    this.#stream.end();
  }

  destroy(): void {
    this.#ended = true;
    this.#stream.destroy();
  }

  readonly #flush = (): void => {
    this.#flushDue = false;
    if (!this.#ended) this.#stream.flush(this.#flushKind);
  };
}
