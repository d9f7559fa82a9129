import { accessSync, constants, lstatSync, type Stats, statSync } from 'node:fs';

import { fromByteText } from './byte-text.ts';
import type { ConditionCompiler } from './condition.ts';

/** A condition over what stands at a path. Relative paths count from the working directory. */
function testing(test: (path: string) => boolean): ConditionCompiler {
  return ({ argument, template }) => {
    const name = template(argument);
    return (context) => {
      const path = fromByteText(name.evaluate(context));
      return path !== '' && !path.includes('\0') && test(path);
    };
  };
}

/** A path through a file, or into a directory that is closed to us, is one where nothing is. */
function quietly(stat: () => Stats | undefined): Stats | undefined {
  try {
    return stat();
  } catch {
    return undefined;
  }
}

function statOf(path: string): Stats | undefined {
  return quietly(() => statSync(path, { throwIfNoEntry: false }));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Conditions over the file system. */
export const FILE_CONDITIONS: Readonly<Record<string, ConditionCompiler>> = {
  exists: testing((path) => statOf(path) !== undefined),
  isfile: testing((path) => statOf(path)?.isFile() === true),
  isdir: testing((path) => statOf(path)?.isDirectory() === true),
  islink: testing((path) => quietly(() => lstatSync(path, { throwIfNoEntry: false }))?.isSymbolicLink() === true),
  isexec: testing(isExecutable),
};
