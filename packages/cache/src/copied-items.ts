import type { CachedItem } from './cache.ts';

/** What the copies of one cache may take in one process. */
const COPIED_BYTES = 4 * 1024 * 1024;
/** Larger values are read from the database each time. */
const LARGEST_COPY_BYTES = 256 * 1024;
/** What a copy takes beside its value, about. */
const COPY_BYTES = 200;

/** An item, as it was when its slot had that version. */
export interface Copy {
  readonly item: CachedItem;
  readonly slot: number;
  readonly version: number;
}

/** Items that this process has read. When there are too many, all are dropped: what is hot comes back at once. */
export class CopiedItems {
  readonly #copies = new Map<string, Copy>();
  #bytes = 0;

  get(key: string): Copy | undefined {
    return this.#copies.get(key);
  }

  keep(key: string, copy: Copy): void {
    const bytes = copy.item.value.length + key.length + COPY_BYTES;
    if (bytes > LARGEST_COPY_BYTES) {
      this.#copies.delete(key);
      return;
    }
    this.#bytes += bytes;
    if (this.#bytes > COPIED_BYTES) {
      this.#copies.clear();
      this.#bytes = bytes;
    }
    this.#copies.set(key, copy);
  }
}
