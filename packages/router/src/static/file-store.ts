import { Buffer } from 'node:buffer';
import { closeSync, readSync, type Stats, statSync } from 'node:fs';

import { formatHttpDate } from './http-date.ts';
import { type OpenedFile, openInside, type OutsideFile } from './open-inside.ts';

/** Files up to this size are kept in memory: what costs little to keep and much to open, read and close. */
export const SMALL_FILE_BYTES: number = 128 * 1024;
/** What all kept bodies together may take. */
const KEPT_BYTES = 4 * 1024 * 1024;
const KEPT_FILES = 1024;
/**
 * A file that was changed a moment ago may be changed again without its time stamps showing it, so it is not kept. Two seconds is the
 * coarsest clock of a file system in use.
 */
const SETTLED_AFTER_MS = 2000;

/** What is known of a file that may be served. It holds for as long as the file's identity, size and times stay the same. */
export interface StoredFile {
  readonly realPath: string;
  readonly size: number;
  readonly modifiedSeconds: number;
  /** The modification time as a header value. */
  readonly lastModified: string;
  /** Strong entity tag, without the quotes. */
  readonly tag: string;
  /** The content; undefined for a big file. */
  readonly body: Buffer | undefined;
}

interface KeptFile {
  readonly stat: Stats;
  readonly file: StoredFile;
}

/** What stands at a path. */
export type Lookup = StoredFile | OutsideFile | 'directory' | undefined;

const QUIET = { throwIfNoEntry: false } as const;

/** Looks files up and keeps the small ones. Each lookup asks the file system first, so nothing stale is ever returned. */
export class FileStore {
  readonly #kept = new Map<string, KeptFile>();
  readonly #now: () => number;
  #keptBytes = 0;

  /** @param now wall clock in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** One `stat` for what is not there, or is kept. */
  lookup(path: string, roots: readonly string[]): Lookup {
    let stat: Stats | undefined;
    try {
      stat = statSync(path, QUIET);
    } catch {
      return undefined;
    }
    if (stat === undefined) return undefined;
    const kept = this.#kept.get(path);
    if (kept !== undefined) {
      if (isSame(kept.stat, stat)) return kept.file;
      this.#forget(path, kept);
    }
    if (stat.isDirectory()) return 'directory';
    return stat.isFile() ? this.#load(path, roots) : undefined;
  }

  #load(path: string, roots: readonly string[]): StoredFile | OutsideFile | undefined {
    const opened = openInside(path, roots);
    if (opened === undefined || 'outside' in opened) return opened;
    try {
      const file = describe(opened, opened.stat.size <= SMALL_FILE_BYTES ? readWhole(opened) : undefined);
      if (this.#now() - Math.max(opened.stat.mtimeMs, opened.stat.ctimeMs) > SETTLED_AFTER_MS) {
        this.#keep(path, { stat: opened.stat, file });
      }
      return file;
    } catch {
      return undefined;
    } finally {
      closeSync(opened.descriptor);
    }
  }

  #keep(path: string, kept: KeptFile): void {
    this.#kept.set(path, kept);
    this.#keptBytes += kept.file.body?.length ?? 0;
    for (const [oldest, file] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES && this.#kept.size <= KEPT_FILES) break;
      this.#forget(oldest, file);
    }
  }

  #forget(path: string, kept: KeptFile): void {
    this.#kept.delete(path);
    this.#keptBytes -= kept.file.body?.length ?? 0;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino && a.ctimeMs === b.ctimeMs && a.dev === b.dev;
}

function describe({ stat, realPath }: OpenedFile, body: Buffer | undefined): StoredFile {
  const modifiedSeconds = Math.floor(stat.mtimeMs / 1000);
  const size = body === undefined ? stat.size : body.length;
  return {
    realPath,
    size,
    modifiedSeconds,
    lastModified: formatHttpDate(modifiedSeconds),
    tag: `${Math.round(stat.mtimeMs * 1000).toString(16)}-${size.toString(16)}`,
    body,
  };
}

/** The content as it is now: less than the size, when the file has shrunk meanwhile. */
function readWhole({ descriptor, stat }: OpenedFile): Buffer {
  const body = Buffer.allocUnsafeSlow(stat.size);
  let filled = 0;
  while (filled < body.length) {
    const count = readSync(descriptor, body, filled, body.length - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return filled === body.length ? body : body.subarray(0, filled);
}
