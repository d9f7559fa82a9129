import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { findProgram, isExecutable } from '@emperor/posix';

/** An interpreter that pyenv has installed, and what its shim would add to the environment. */
export interface PyenvProgram {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Somebody wants more from pyenv than the choice of a version. */
const SPECIAL_WISHES = ['PYENV_DIR', 'PYENV_HOOK_PATH', 'PYENV_DEBUG'];
/** The name of one installed version: no list, no path. */
const VERSION = /^(?!\.)[\w.-]+$/;

/**
 * The program behind pyenv's shim of this name, when the PATH leads to one: the shim is a bash script that starts forty processes, with
 * more CPU than the interpreter needs itself. Looked up as `pyenv exec` does it: the variable, the nearest `.python-version`, the
 * global choice. Undefined where there is no shim, or where it has more to decide than one installed version: then the shim is asked.
 */
export function behindShim(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): PyenvProgram | undefined {
  const path = environment['PATH'] ?? '';
  const root = rootOfShim(name, path);
  if (root === undefined || SPECIAL_WISHES.some((variable) => environment[variable])) return undefined;
  const version = environment['PYENV_VERSION'] || chosenVersion(root, workingDirectory);
  if (version === undefined || !VERSION.test(version)) return undefined;
  const directory = join(root, 'versions', version, 'bin');
  const file = join(directory, name);
  if (!isExecutable(file)) return undefined;
  return { file, environment: { PATH: directory + delimiter + path, PYENV_VERSION: version, PYENV_ROOT: root } };
}

/** Where pyenv is installed whose shim is the first program of this name on the PATH. */
function rootOfShim(name: string, path: string): string | undefined {
  const first = findProgram(name, path);
  if (first === undefined || !dirname(first).endsWith('/shims')) return undefined;
  const root = dirname(dirname(first));
  return isExecutable(join(root, 'libexec', 'pyenv')) ? root : undefined;
}

/** What the nearest file says, when it says one thing. */
function chosenVersion(root: string, workingDirectory: string): string | undefined {
  let directory = workingDirectory;
  while (!existsSync(join(directory, '.python-version')) && directory !== dirname(directory))
    directory = dirname(directory);
  const local = join(directory, '.python-version');
  const words = readWords(existsSync(local) ? local : join(root, 'version'));
  return words.length === 1 ? words[0] : undefined;
}

/** The first word of each line; `#` begins a comment. */
function readWords(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim().split(/\s/)[0] ?? '').filter((word) => word !== '' && !word.startsWith('#'));
  } catch {
    return [];
  }
}
