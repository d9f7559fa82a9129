import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { behindShim } from './pyenv.ts';

/** The program a zygote starts with: `python/start.py` beside `dist` and `src`. */
const START_FILE = fileURLToPath(new URL('../python/start.py', import.meta.url));

/** Of the PATH. */
const DEFAULT_PROGRAM = 'python3';

export interface PythonCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Environment;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Which interpreter runs the app, and how. */
export interface InterpreterChoice {
  /** Directory of the virtualenv whose interpreter it is; undefined: `python3` of the PATH. */
  readonly virtualenv?: string | undefined;
  /** `py-programname`: the interpreter itself; goes before the virtualenv. */
  readonly program?: string | undefined;
  /** `optimize`: 1 drops assertions, 2 docstrings too. */
  readonly optimization?: number;
  /** False with `no-site`. */
  readonly importsSite?: boolean;
}

/**
 * @param environment of the app
 * @throws Error with a sentence when the virtualenv has no interpreter
 */
export function pythonCommand(choice: InterpreterChoice, environment: Environment): PythonCommand {
  const { virtualenv, program, optimization, importsSite } = choice;
  const file = program ?? (virtualenv === undefined ? DEFAULT_PROGRAM : virtualenvProgram(virtualenv));
  const behind = file === DEFAULT_PROGRAM ? behindShim(file, environment, process.cwd()) : undefined;
  const args = [START_FILE];
  if (optimization === 1) args.unshift('-O');
  else if (optimization === 2) args.unshift('-OO');
  if (importsSite === false) args.unshift('-S');
  return { file: behind?.file ?? file, args, environment: { ...environment, ...behind?.environment } };
}

function virtualenvProgram(virtualenv: string): string {
  for (const name of ['python', 'python3']) {
    const file = join(virtualenv, 'bin', name);
    if (existsSync(file)) return file;
  }
  throw new Error(
    `cannot use the virtualenv "${virtualenv}": there is no bin/python in it; is it the directory that "python3 -m venv" made?`,
  );
}

/** PEP 405: what makes a directory a virtualenv. */
export function isVirtualenv(directory: string): boolean {
  return existsSync(join(directory, 'pyvenv.cfg'));
}
