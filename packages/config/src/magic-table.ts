import { resolve } from 'node:path';

import type { Config } from './load.ts';
import { magicValue } from './magic-variables.ts';

/** Those that speak about a file; the rest, such as the time, a process knows for itself. */
const ABOUT_FILES = 'd p s n e c o D P S N E C O i j b 0 1 2 3 4 5 6 7 8 9'.split(' ');

/** `uwsgi.magic_table`: what magic variables stand for in the file an instance was started with; empty without one. */
export function magicTable({ entries, files }: Pick<Config, 'entries' | 'files'>): Record<string, string> {
  const [absolute] = files;
  if (absolute === undefined) return {};
  const given = entries.find(({ origin }) => absolute.endsWith(resolve('/', origin.source)))?.origin.source ?? absolute;
  const file = { given, absolute, section: '' };
  const context = { file, outermost: file, workingDirectory: process.cwd(), now: new Date() };
  const values = ABOUT_FILES.map((letter) => [letter, magicValue(letter, context)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== ''));
}
