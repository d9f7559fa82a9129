import { Buffer } from 'node:buffer';

import type { BodyEncoder } from '@emperor/http';

const SMALL_A = 0x61;
const SMALL_Z = 0x7a;
const TO_CAPITAL = 0x20;
/** Of a body that is needed as a whole. */
const MAX_COLLECTED_BYTES = 8 * 1024 * 1024;

/** Writes the letters a to z as capitals. */
export class UpperCaseBody implements BodyEncoder {
  readonly outputBytes: number | undefined;
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};

  /** @param bodyBytes where they are known */
  constructor(bodyBytes: number | undefined) {
    this.outputBytes = bodyBytes;
  }

  write(chunk: Uint8Array): void {
    this.onOutput(chunk.map((byte) => (byte >= SMALL_A && byte <= SMALL_Z ? byte - TO_CAPITAL : byte)));
  }

  end(): void {
    this.onFinished();
  }

  destroy(): void {}
}

/** Waits for the whole body and sends what becomes of it. */
export class CollectedBody implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #action: string;
  readonly #transform: (body: Buffer) => Buffer;
  outputBytes: number | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** @param action who asks for it, for the error of a body that is too large to be held */
  constructor(action: string, transform: (body: Buffer) => Buffer) {
    this.#action = action;
    this.#transform = transform;
  }

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_COLLECTED_BYTES)
      this.onFailed(new Error(`${this.#action} holds a body of at most ${MAX_COLLECTED_BYTES} bytes`));
  }

  end(): void {
    const body = this.#transform(Buffer.concat(this.#chunks));
    this.outputBytes = body.length;
    if (body.length > 0) this.onOutput(body);
    this.onFinished();
  }

  destroy(): void {
    this.#chunks = [];
  }
}
