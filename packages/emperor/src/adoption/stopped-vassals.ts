import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which vassals an operator has stopped: a later emperor does not start them either. Kept in the runtime directory. */
export class StoppedVassals {
  readonly #path: string;
  readonly #files: Set<string>;

  constructor(directory: string) {
    this.#path = join(directory, 'stopped.json');
    this.#files = new Set(readList(this.#path));
  }

  /** By the absolute path of its file. */
  has(file: string): boolean {
    return this.#files.has(file);
  }

  add(file: string): void {
    this.#files.add(file);
    this.#write();
  }

  delete(file: string): void {
    if (this.#files.delete(file)) this.#write();
  }

  /** A full file system is no reason not to obey the operator. */
  #write(): void {
    try {
      if (this.#files.size === 0) return rmSync(this.#path, { force: true });
      writeFileSync(`${this.#path}.new`, JSON.stringify([...this.#files]), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // It holds for this emperor.
    }
  }
}

function readList(path: string): string[] {
  try {
    const list: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
