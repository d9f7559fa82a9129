import { statSync } from 'node:fs';

/** Like uWSGI's master, which looks once a second (UWSGI-FACTS 9.4). */
const INTERVAL_MS = 1000;

interface Watched {
  readonly path: string;
  readonly onTouch: (path: string) => void;
  /** Nanoseconds; undefined while the file is missing. */
  modifiedAt: bigint | undefined;
}

function modificationTime(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

/** Files whose modification time triggers something: `touch-reload` and its kin. Any different time counts, older ones too. */
export class TouchWatch {
  readonly #files: Watched[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param log told when the file is missing, so that a typo is noticed */
  add(path: string, onTouch: (path: string) => void, log: (line: string) => void): void {
    const modifiedAt = modificationTime(path);
    if (modifiedAt === undefined)
      log(`unable to stat() ${path}, events will be triggered as soon as the file is created`);
    this.#files.push({ path, onTouch, modifiedAt });
    this.#timer ??= setInterval(() => this.#look(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#files.length = 0;
  }

  #look(): void {
    for (const file of this.#files) {
      const modifiedAt = modificationTime(file.path);
      if (modifiedAt === file.modifiedAt) continue;
      file.modifiedAt = modifiedAt;
      // A file that vanished is no touch; its return is.
      if (modifiedAt !== undefined) file.onTouch(file.path);
    }
  }
}
