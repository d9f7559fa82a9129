import { createRequire } from 'node:module';
import { optionNames, findOption, type Scope } from './option-table.ts';
import type { UncommonOption } from './uncommon-options.ts';

const require: NodeJS.Require = createRequire(import.meta.url);

/** The table of options that do not work here is loaded when a name asks for it: most vassals never do. */
function uncommon(): typeof import('./uncommon-options.ts') {
  return require('./uncommon-options.js') as typeof import('./uncommon-options.ts');
}

/** Finds an option of uWSGI that does not work here. */
export function findUncommonOption(name: string): UncommonOption | undefined {
  return uncommon().findUncommonOption(name);
}

/** Every name of uWSGI's, whether it works here or not. */
export function* allNames(scope: Scope): Generator<string> {
  yield* workingNames(scope);
  yield* uncommon().uncommonNames();
}

function* workingNames(scope: Scope): Generator<string> {
  for (const name of optionNames()) if (findOption(name, scope) !== undefined) yield name;
}

/** Shortest misspelt name for which a similar option is looked for among those that do not work here. */
const LONG_ENOUGH = 8;

/** The option that a misspelt name probably means. */
export function didYouMean(written: string, scope: Scope): string | undefined {
  const { nearestName } = require('./nearest-name.js') as typeof import('./nearest-name.ts');
  const working = nearestName(written, workingNames(scope));
  return working ?? (written.length < LONG_ENOUGH ? undefined : nearestName(written, uncommon().uncommonNames()));
}
