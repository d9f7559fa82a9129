import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';

import type { Config } from '@emperor/config';

const DEFAULT_SHELL = '/bin/sh';

/** The shell commands are run with: the first of `binsh` that exists. */
export function shellOf({ options }: Config): string {
  return options.binsh.find((path) => existsSync(path)) ?? DEFAULT_SHELL;
}

/** Waits for the end of a command. Its output goes where ours does. @throws Error with a sentence when it fails */
export function runCommand(shell: string, command: string): void {
  const { status, signal, error } = spawnSync(shell, ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw new Error(`cannot run "${command}" with ${shell}: ${error.message}`);
  const problem = describeEnd(command, status, signal);
  if (problem !== undefined) throw new Error(problem);
}

/** Starts a command and goes on. What becomes of it is in the log. */
export function startCommand(shell: string, command: string, log: (line: string) => void): void {
  const child = spawn(shell, ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', (error) => log(`cannot run "${command}" with ${shell}: ${error.message}`));
  child.once('exit', (status, signal) => {
    const problem = describeEnd(command, status, signal);
    if (problem !== undefined) log(problem);
  });
}

/** @returns undefined for a success */
function describeEnd(command: string, status: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `command "${command}" was ended by ${signal} (${constants.signals[signal]})`;
  return status === 0 ? undefined : `command "${command}" exited with non-zero code: ${status}`;
}
