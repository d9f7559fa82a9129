import { Buffer } from 'node:buffer';

import type { BodyEncoder } from '@emperor/http';

/** Sends another body, as soon as the answerer begins with its own, which is dropped. */
export class ReplacedBody implements BodyEncoder {
  readonly outputBytes: number;
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  #body: Buffer | undefined;

  constructor(body: Buffer) {
    this.outputBytes = body.length;
    this.#body = body;
  }

  write(): void {
    const body = this.#body;
    this.#body = undefined;
    if (body !== undefined && body.length > 0) this.onOutput(body);
  }

  end(): void {
    this.write();
    this.onFinished();
  }

  destroy(): void {
    this.#body = undefined;
  }
}

/** Sends bytes in front of the body. */
export class PrefixedBody implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  #prefix: string;

  /** @param prefix bytes, one character each */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  write(chunk: Uint8Array): void {
    this.#sendPrefix();
    this.onOutput(chunk);
  }

  end(): void {
    this.#sendPrefix();
    this.onFinished();
  }

  destroy(): void {
    this.#prefix = '';
  }

  #sendPrefix(): void {
    const prefix = this.#prefix;
    this.#prefix = '';
    if (prefix !== '') this.onOutput(Buffer.from(prefix, 'latin1'));
  }
}
