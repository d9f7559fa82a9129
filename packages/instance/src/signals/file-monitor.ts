import { type FSWatcher, statSync, watch } from 'node:fs';

/** Several events of one change count as one. */
const SETTLE_MS = 20;
/** A file that is replaced or removed is looked for again. */
const LOOK_AGAIN_MS = 250;

/** Differs when the file is another one, or has been changed; empty while there is none. */
export function fileVersion(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

/** Watches one file or directory, through replacements of it. */
export class FileMonitor {
  readonly #path: string;
  readonly #onChange: () => void;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #mayBeAnother = false;
  #closed = false;

  /** @throws Error when there is nothing to watch */
  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  #open(): void {
    const { ino } = statSync(this.#path);
    this.#watcher = watch(this.#path, { persistent: false }, (event) => this.#settle(ino, event === 'rename'));
    this.#watcher.on('error', () => this.#settle(ino, true));
  }

  /** @param mayBeAnother the number of a file that is gone may have been given to the next one */
  #settle(inode: number, mayBeAnother: boolean): void {
    this.#mayBeAnother ||= mayBeAnother;
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onChange();
      this.#follow(inode);
    }, SETTLE_MS);
  }

  /** The watch is on the file that was there, not on its name. */
  #follow(inode: number): void {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now?.ino === inode && !this.#mayBeAnother) return;
    this.#mayBeAnother = false;
    this.#watcher?.close();
    if (now === undefined) this.#await();
    else this.#open();
  }

  #await(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (statSync(this.#path, { throwIfNoEntry: false }) === undefined) {
        this.#await();
        return;
      }
      this.#open();
      this.#onChange();
    }, LOOK_AGAIN_MS).unref();
  }
}
