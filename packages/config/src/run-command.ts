import { execFileSync } from 'node:child_process';
import { ConfigError } from './config-error.ts';

/** Longest time a command may take that prints a part of the configuration. */
const COMMAND_TIMEOUT_MS = 10_000;

/**
 * Output of a command that a configuration names.
 * @throws {ConfigError} when it fails
 */
export function runCommand(command: string, workingDirectory: string, maxBytes: number): Buffer {
  try {
    return execFileSync('/bin/sh', ['-c', command], {
      cwd: workingDirectory,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: maxBytes,
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ConfigError(`the command ${JSON.stringify(command)} failed: ${reason}`);
  }
}
