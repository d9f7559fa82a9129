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

/**
 * Compresses a body that is still being made: what was written in one turn of the event loop is compressed together and flushed behind
 * it. A body that ends in the turn in which it began is compressed in one go, as if it had been known.
 */
export class StreamingEncoder implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #compressor: Compressor;
  /** Written in this turn. */
  #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  #stream: CompressionStream | undefined;
  #whole: WholeBodyEncoder | undefined;
  #ended = false;

  constructor(compressor: Compressor) {
    this.#compressor = compressor;
  }

  get pendingBytes(): number {
    return this.#chunkBytes + (this.#stream?.writableLength ?? 0);
  }

  write(chunk: Uint8Array): void {
    if (this.#chunks.length === 0) setImmediate(this.#endTurn);
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
  }

  end(): void {
    this.#ended = true;
    const rest = this.#take();
    if (this.#stream !== undefined) {
      this.#stream.end(rest);
      return;
    }
    const whole = new WholeBodyEncoder(this.#compressor);
    this.#whole = whole;
    whole.onOutput = this.onOutput;
    whole.onFinished = this.onFinished;
    whole.onFailed = this.onFailed;
    whole.write(rest);
    whole.end();
  }

  destroy(): void {
    this.#ended = true;
    this.#chunks = [];
    this.#stream?.destroy();
    this.#whole?.destroy();
  }

  readonly #endTurn = (): void => {
    if (this.#ended) return;
    this.#stream ??= this.#open();
    this.#stream.write(this.#take());
  };

  /** What was written in this turn. */
  #take(): Uint8Array {
    const [first = new Uint8Array(), ...others] = this.#chunks;
    this.#chunks = [];
    this.#chunkBytes = 0;
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  }

  #open(): CompressionStream {
    const stream = this.#compressor.createStream();
    stream.on('data', (chunk: Uint8Array) => {
      this.onOutput(chunk);
    });
    stream.on('end', () => {
      this.onFinished();
    });
    stream.on('error', (error) => {
      this.onFailed(error);
    });
    return stream;
  }
}
