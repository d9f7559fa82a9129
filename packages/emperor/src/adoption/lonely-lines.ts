import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { LONELY_LOG } from '@emperor/protocol';

/** Of a longer one only the end is read. */
const LIMIT_BYTES = 1024 * 1024;

/** What a vassal wrote while it had no emperor. The place is the vassal's: nothing there is trusted to be what it should. */
export class LonelyLines {
  readonly #path: string;

  constructor(controlSocket: string) {
    this.#path = join(dirname(controlSocket), LONELY_LOG);
  }

  /** What has come since the last time; it is gone from there then. Empty when there is nothing. */
  take(): Buffer {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = fstatSync(descriptor);
      if (!stats.isFile() || stats.nlink !== 1 || stats.size === 0) return Buffer.alloc(0);
      const bytes = Buffer.alloc(Math.min(stats.size, LIMIT_BYTES));
      const count = readSync(descriptor, bytes, 0, bytes.length, stats.size - bytes.length);
      ftruncateSync(descriptor);
      return bytes.subarray(0, count);
    } catch {
      return Buffer.alloc(0);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }
}
