import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';

import { StartError } from './start-error.ts';

/** `pidfile`: the pid of the instance and a newline (UWSGI-FACTS 9.8). */
export function writePidfile(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new StartError(`cannot write the pidfile ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Removes a pidfile that is still ours. @returns whether it was removed */
export function removePidfile(path: string): boolean {
  try {
    if (Number.parseInt(readFileSync(path, 'latin1'), 10) !== process.pid) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
