import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';

import type { Config } from '@emperor/config';

import { StartError } from './start-error.ts';

/** The options of pid files. The safe ones are removed at the end also without `vacuum`. */
const BEFORE = ['pidfile', 'safe-pidfile'] as const;
const AFTER = ['pidfile2', 'safe-pidfile2'] as const;

/** Writes the pid and a newline (UWSGI-FACTS 9.8) to the files that are due. @throws StartError when one cannot be written */
export function writePidfiles(
  { options }: Config,
  when: 'before-privileges' | 'after-privileges',
  log: (line: string) => void,
): void {
  for (const name of when === 'before-privileges' ? BEFORE : AFTER) {
    const path = options[name];
    if (path === undefined) continue;
    log(`writing pidfile to ${path}`);
    try {
      writeFileSync(path, `${process.pid}\n`);
    } catch (error) {
      throw new StartError(
        `cannot write the pid file (${name} = ${path}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/** Removes the pid files that are to go and still ours. @returns the options of those that were removed */
export function removePidfiles({ options }: Config): string[] {
  const names = options.vacuum ? [...BEFORE, ...AFTER] : ([BEFORE[1], AFTER[1]] as const);
  return names.filter((name) => removeOwn(options[name]));
}

function removeOwn(path: string | undefined): boolean {
  if (path === undefined) return false;
  try {
    if (Number.parseInt(readFileSync(path, 'latin1'), 10) !== process.pid) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Writes them again, for who has lost one (`P` of the master fifo). */
export function rewritePidfiles(config: Config, log: (line: string) => void): void {
  writePidfiles(config, 'before-privileges', log);
  writePidfiles(config, 'after-privileges', log);
}
