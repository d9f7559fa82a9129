import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Named pipes on which apps of a test wait. */
export class Fifos implements Disposable {
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'fifos-'));
  #count = 0;

  /** A path that does not exist yet. */
  path(): string {
    return join(this.#directory, String(++this.#count));
  }

  /** A named pipe: who opens it for reading waits until `release`. */
  make(): string {
    const path = this.path();
    execFileSync('mkfifo', [path]);
    return path;
  }

  /** Lets the app go on: resolves when it has opened the pipe. */
  release(path: string): Promise<void> {
    return writeFile(path, '');
  }

  /** Resolves when the app waits at the pipe; it goes on when the handle is closed. */
  hold(path: string): Promise<FileHandle> {
    return open(path, 'w');
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}
