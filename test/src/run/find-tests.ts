import { globSync } from 'node:fs';

import { repository } from '../rig/subject.ts';

/** Unit tests first: they are quick to tell what broke. */
const places = ['packages/*/dist/**/*.test.js', 'apps/*/dist/**/*.test.js', 'test/dist/**/*.test.js'];

/** All built test files, or those whose path contains one of the words: `npm test -- tutorial/scaling worker`. */
export function findTests(words: readonly string[]): string[] {
  const files = places.flatMap((place) => globSync(place, { cwd: repository }).toSorted());
  const wanted = files.filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  return wanted.map((file) => `${repository}${file}`);
}
