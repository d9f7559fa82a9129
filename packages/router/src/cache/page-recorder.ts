import { Buffer } from 'node:buffer';

import type { BodyEncoder } from '@emperor/http';

/** Keeps a copy of a body that is still being made. */
export class PageRecorder implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #done: (body: Buffer) => void;
  readonly #limitBytes: number;
  /** undefined: it is too long, or was never finished. */
  #chunks: Buffer[] | undefined = [];
  #bytes = 0;

  /** @param done gets the body, when all of it has been made and it is not longer than the limit */
  constructor(limitBytes: number, done: (body: Buffer) => void) {
    this.#limitBytes = limitBytes;
    this.#done = done;
  }

  write(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limitBytes) this.#chunks = undefined;
    this.#chunks?.push(Buffer.from(chunk));
    this.onOutput(chunk);
  }

  end(): void {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    if (chunks !== undefined) this.#done(Buffer.concat(chunks));
    this.onFinished();
  }

  destroy(): void {
    this.#chunks = undefined;
  }
}
