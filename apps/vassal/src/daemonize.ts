import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';

import type { Config } from '@emperor/config';

/** Tells the second process that it is the daemon already. */
const MARK = 'EMPEROR_DAEMONIZED';

/**
 * `daemonize = FILE`: goes to the background in a session of its own, with its output appended to the file. Node cannot fork, so the
 * program starts itself once more; the first process then ends (UWSGI-FACTS 9.8).
 * @returns true in the first process, which is to exit
 */
export function daemonize({ options }: Config): boolean {
  const file = options.daemonize ?? options.daemonize2;
  if (file === undefined || process.env[MARK] !== undefined) {
    delete process.env[MARK];
    return false;
  }
  const log = openSync(file, 'a', 0o640);
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, [MARK]: '1' },
  });
  child.unref();
  return true;
}
