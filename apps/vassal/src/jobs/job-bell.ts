import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** See emperor_worker/job_bell.py. */
const FIFO_NAME = 'jobs.bell';
/** Nobody has made it yet, or nobody waits at it. */
const NOBODY: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENXIO', 'EAGAIN']);

/** Wakes a spooler of the directory, when there is one. @throws Error when that is not allowed */
export function ringBell(directory: string): void {
  try {
    // Non-blocking: opening a FIFO waits for a reader otherwise.
    const bell = openSync(join(directory, FIFO_NAME), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(bell, '!');
    } finally {
      closeSync(bell);
    }
  } catch (error) {
    if (!NOBODY.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
