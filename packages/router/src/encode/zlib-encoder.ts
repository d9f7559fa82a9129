import type { BodyEncoder } from '@emperor/http';
import type { Gzip, InputType } from 'node:zlib';

/** Bodies up to this size are compressed on the spot: sooner done than handed to a thread. */
const SYNC_BYTES = 65_536;

/** The compressor of one encoding. */
export interface Compressor {
  /** A stream, for a body whose end is not known. */
  createStream(): Gzip;
  compressSync(body: InputType): Uint8Array;
  compress(body: InputType, done: (error: Error | null, output: Uint8Array) => void): void;
  /** How a stream is told to push out what it holds. */
  readonly flushKind: number;
}

/** Compresses a body that is known as a whole, in one go. */
export class WholeBodyEncoder implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  readonly #compressor: Compressor;
  #body: Uint8Array | undefined;
  #destroyed = false;

  constructor(compressor: Compressor) {
    this.#compressor = compressor;
  }

  write(chunk: Uint8Array): void {
    this.#body = chunk;
  }

  end(): void {
    const body = this.#body ?? new Uint8Array();
    if (body.length <= SYNC_BYTES) {
      this.#finish(this.#compressor.compressSync(body));
      return;
    }
    this.#compressor.compress(body, (error, output) => {
      if (this.#destroyed) return;
      // Compressing fails only for want of memory: nothing sensible can be sent.
      if (error !== null) throw error;
      this.#finish(output);
    });
  }

  destroy(): void {
    this.#destroyed = true;
    this.#body = undefined;
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
  readonly #stream: Gzip;
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
  }

  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  write(chunk: Uint8Array): void {
    this.#stream.write(chunk);
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
