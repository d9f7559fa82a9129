import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** What stands behind is not looked for: a file of any size may lie there. */
const LIMIT_BYTES = 65_536;

/**
 * The beginning of a small text file. Undefined when there is none, it cannot be read or is no regular file: users put these
 * files there, and a pipe that nobody writes to must not hold the emperor up.
 */
export function beginningOf(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) return undefined;
    const bytes = Buffer.alloc(LIMIT_BYTES);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
