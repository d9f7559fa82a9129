import { resolve } from 'node:path';

import type { Config } from '@emperor/config';

import { StartError } from './start-error.ts';

/** Where relative names in options count from. @param startedIn the working directory of the command */
export function workingDirectoryOf({ options }: Config, startedIn: string): string {
  return resolve(startedIn, options['force-cwd'] ?? '.', options.chdir ?? '.');
}

/** Goes there. @throws StartError when that cannot be done */
export function enterWorkingDirectory(config: Config, startedIn: string, log: (line: string) => void): void {
  const target = workingDirectoryOf(config, startedIn);
  if (config.options.chdir !== undefined) log(`chdir() to ${config.options.chdir}`);
  try {
    process.chdir(target);
  } catch (error) {
    throw new StartError(`cannot chdir to ${target}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
