import { ADDRESS_CONDITIONS } from './address-conditions.ts';
import { CACHE_CONDITIONS } from './cache-condition.ts';
import type { ConditionCompiler, ConditionSource, Matcher } from './condition.ts';
import { FILE_CONDITIONS } from './file-conditions.ts';
import { RouteError } from './route-error.ts';
import { TEXT_CONDITIONS } from './text-conditions.ts';

const CONDITIONS: ReadonlyMap<string, ConditionCompiler> = new Map([
  ...Object.entries(TEXT_CONDITIONS),
  ...Object.entries(FILE_CONDITIONS),
  ...Object.entries(ADDRESS_CONDITIONS),
  ...Object.entries(CACHE_CONDITIONS),
]);

/** Conditions of uWSGI that are not there, with the reason. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  lord: 'instances have no legions',
};

/** Compiles `NAME:ARGUMENT` of a route-if. @throws {RouteError} */
export function compileCondition(name: string, source: ConditionSource): Matcher {
  const compile = CONDITIONS.get(name);
  if (compile !== undefined) return compile(source);
  if (Object.hasOwn(UNSUPPORTED, name)) {
    source.warn(`the condition ${name}: is not supported and never holds: ${UNSUPPORTED[name]}`);
    return () => false;
  }
  throw new RouteError(
    `unable to find "${name}" route condition`,
    `known conditions: ${[...CONDITIONS.keys()].toSorted().join(', ')}`,
  );
}
