import { spawnSync } from 'node:child_process';

/**
 * Compiles the Python files below a directory for the `python3` of the PATH, as it would itself when it first imports them: not where it
 * may not write, or was told not to (PYTHONDONTWRITEBYTECODE). What is up to date stays.
 * @returns whether there was an interpreter, and it could
 */
export function compilePython(directory: string): boolean {
  const { status } = spawnSync('python3', ['-m', 'compileall', '-q', directory], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0;
}
