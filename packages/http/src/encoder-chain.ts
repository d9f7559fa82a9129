import { Buffer } from 'node:buffer';

import type { BodyEncoder } from './exchange.ts';

/** Told what comes out of the last encoder. */
export interface EncodedOutput {
  onEncoded(chunk: Uint8Array): void;
  onEncodedEnd(): void;
  /** An encoder cannot go on: the answer stays incomplete. */
  onEncodingFailed(error: Error): void;
}

/** The encoders of one answer, in the order in which its body passes them. */
export class EncoderChain {
  readonly #output: EncodedOutput;
  readonly #encoders: BodyEncoder[] = [];

  constructor(output: EncodedOutput) {
    this.#output = output;
  }

  /** Puts an encoder behind the others. */
  append(encoder: BodyEncoder): void {
    const output = this.#output;
    const previous = this.#encoders.at(-1);
    if (previous !== undefined) {
      previous.onOutput = (chunk) => encoder.write(chunk);
      previous.onFinished = () => encoder.end();
    }
    encoder.onOutput = (chunk) => output.onEncoded(chunk);
    encoder.onFinished = () => output.onEncodedEnd();
    encoder.onFailed = (error) => output.onEncodingFailed(error);
    this.#encoders.push(encoder);
  }

  /** Bytes written and not yet transformed. */
  get pendingBytes(): number {
    let bytes = 0;
    for (const encoder of this.#encoders) bytes += encoder.pendingBytes ?? 0;
    return bytes;
  }

  /** Of the whole output, where it is known before. */
  get outputBytes(): number | undefined {
    return this.#encoders.length === 1 ? this.#encoders[0]?.outputBytes : undefined;
  }

  /** @param chunk the caller's again behind the call: encoders get a copy, which they may keep */
  write(chunk: Uint8Array): void {
    this.#encoders[0]?.write(Buffer.from(chunk));
  }

  end(): void {
    this.#encoders[0]?.end();
  }

  destroy(): void {
    for (const encoder of this.#encoders) encoder.destroy();
  }
}
