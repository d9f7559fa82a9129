import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program a zygote starts with: `python/start.py` beside `dist` and `src`. */
const START_FILE = fileURLToPath(new URL('../python/start.py', import.meta.url));

export interface PythonCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The interpreter of the virtualenv, or `python3` of the PATH.
 * @throws Error with a sentence when the virtualenv has no interpreter
 */
export function pythonCommand(virtualenv: string | undefined): PythonCommand {
  if (virtualenv === undefined) return { file: 'python3', args: [START_FILE] };
  for (const name of ['python', 'python3']) {
    const file = join(virtualenv, 'bin', name);
    if (existsSync(file)) return { file, args: [START_FILE] };
  }
  throw new Error(
    `cannot use the virtualenv "${virtualenv}": there is no bin/python in it; is it the directory that "python3 -m venv" made?`,
  );
}

/** PEP 405: what makes a directory a virtualenv. */
export function isVirtualenv(directory: string): boolean {
  return existsSync(join(directory, 'pyvenv.cfg'));
}
