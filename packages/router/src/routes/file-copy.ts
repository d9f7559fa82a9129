import { createWriteStream, rename, unlink, type WriteStream } from 'node:fs';

import type { BodyEncoder } from '@emperor/http';

/**
 * Writes a body to a file while it goes by. The file gets its name when the body is complete: whoever reads it never sees half of one.
 * A file that cannot be written is told of, and the answer goes out all the same.
 */
export class FileCopy implements BodyEncoder {
  readonly outputBytes: number | undefined;
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  pendingBytes = 0;
  readonly #path: string;
  readonly #draft: string;
  readonly #log: (line: string) => void;
  readonly #file: WriteStream;
  #destroyed = false;

  /** @param bodyBytes where they are known */
  constructor(path: string, log: (line: string) => void, bodyBytes: number | undefined) {
    this.outputBytes = bodyBytes;
    this.#path = path;
    this.#draft = `${path}.${crypto.randomUUID()}`;
    this.#log = log;
    this.#file = createWriteStream(this.#draft, { flags: 'wx' });
    // Every callback below hears of it, too; said once.
    this.#file.on('error', (error) => this.#complain(error));
  }

  write(chunk: Uint8Array): void {
    this.pendingBytes += chunk.length;
    this.#file.write(chunk, () => {
      this.pendingBytes -= chunk.length;
      if (!this.#destroyed) this.onOutput(chunk);
    });
  }

  end(): void {
    this.#file.end((error?: Error | null) => {
      if (this.#destroyed) return;
      if (error) this.onFinished();
      else this.#publish();
    });
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#file.destroy();
    unlink(this.#draft, () => {});
  }

  #publish(): void {
    rename(this.#draft, this.#path, (error) => {
      if (error !== null) this.#complain(error);
      if (!this.#destroyed) this.onFinished();
    });
  }

  #complain(error: Error): void {
    this.#log(`[uwsgi-route] cannot write the answer to ${this.#path}: ${error.message}`);
  }
}
