import { lstatSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';

import { isExecutable } from '@emperor/posix';

import { fromByteText } from './byte-text.ts';
import type { ConditionCompiler } from './condition.ts';

/** A condition over what stands at a path. Relative paths count from the working directory, or where a `chdir:` has led. */
function testing(test: (file: string) => boolean): ConditionCompiler {
  return ({ argument, template }) => {
    const name = template(argument);
    return (context) => {
      const file = fromByteText(name.evaluate(context));
      const { directory } = context;
      return (
        file !== '' && !file.includes('\0') && test(directory === undefined ? file : path.resolve(directory, file))
      );
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

function statOf(file: string): Stats | undefined {
  return quietly(() => statSync(file, { throwIfNoEntry: false }));
}

/** Conditions over the file system. */
export const FILE_CONDITIONS: Readonly<Record<string, ConditionCompiler>> = {
  exists: testing((file) => statOf(file) !== undefined),
  isfile: testing((file) => statOf(file)?.isFile() === true),
  isdir: testing((file) => statOf(file)?.isDirectory() === true),
  islink: testing((file) => quietly(() => lstatSync(file, { throwIfNoEntry: false }))?.isSymbolicLink() === true),
  isexec: testing(isExecutable),
};
