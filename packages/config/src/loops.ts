import { globSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { Surroundings } from './conditions.ts';
import { wholeNumber } from './placeholders.ts';
import type { RawEntry } from './raw-entry.ts';
import { linesOf } from './read-ini.ts';
import { readSourceFile } from './source-file.ts';

type Loop = (argument: string, surroundings: Surroundings) => Iterable<string>;

const LOOPS: ReadonlyMap<string, Loop> = new Map<string, Loop>([
  ['for', (argument) => argument.split(' ').filter((item) => item !== '')],
  ['for-times', (argument) => upTo(wholeNumber(argument))],
  ['for-readline', (argument, around) => [...linesOf(readSourceFile(around.resolvePath(argument)).toString())]],
  ['for-glob', (argument, around) => matches(argument, around.resolvePath(''))],
]);

/** Whether a key is one of the `for…` options. */
export function isLoop(key: string): boolean {
  return LOOPS.has(key);
}

/**
 * The items of a loop, made one at a time.
 * @throws {ConfigError} when the file to read lines from cannot be read
 */
export function loopItems(opener: RawEntry, surroundings: Surroundings): Iterable<string> {
  return LOOPS.get(opener.key)?.(opener.value, surroundings) ?? [];
}

/** 1 to `last`, as often as it is asked for. */
function upTo(last: number): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (let count = 1; count <= last; count += 1) yield String(count);
    },
  };
}

/**
 * Files in alphabetical order, as glob(3) finds them: `**` is no more than `*`, hidden files need a pattern with a dot, and
 * a pattern that matches nothing stands for itself.
 */
function matches(pattern: string, directory: string): readonly string[] {
  const parts = pattern.split('/');
  const found = filesLike(pattern.replaceAll(/\*{2,}/g, '*'), directory)
    .filter((path) =>
      path.split('/').every((part, index) => !part.startsWith('.') || parts[index]?.startsWith('.') === true),
    )
    .toSorted();
  return found.length === 0 ? [pattern] : found;
}

function filesLike(pattern: string, directory: string): string[] {
  try {
    return globSync(pattern, { cwd: directory });
  } catch {
    throw new ConfigError(`cannot look for files like ${JSON.stringify(pattern)}`);
  }
}
