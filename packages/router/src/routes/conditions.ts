import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';
import { compileTemplate, type Template } from './template.ts';

/** Decides whether a rule applies. */
export type Matcher = (context: RouteContext) => boolean;

/** Makes the matcher of a condition from what stands behind its colon. @throws {RouteError} when that is not what it needs */
type ConditionCompiler = (argument: string) => Matcher;

const CONDITIONS: Readonly<Record<string, ConditionCompiler>> = {
  equal: comparing((left, right) => left === right),
  startswith: comparing((text, start) => text.startsWith(start)),
};

/** A condition over two texts with `;` between them. */
function comparing(compare: (left: string, right: string) => boolean): ConditionCompiler {
  return (argument) => {
    const [left, right] = splitArguments(argument);
    return (context) => compare(left.evaluate(context), right.evaluate(context));
  };
}

function splitArguments(argument: string): [Template, Template] {
  const semicolon = argument.indexOf(';');
  if (semicolon === -1) {
    throw new RouteError(`a condition that compares needs two texts with ";" between them, not "${argument}"`);
  }
  return [compileTemplate(argument.slice(0, semicolon), false), compileTemplate(argument.slice(semicolon + 1), false)];
}

/** Compiles `NAME:ARGUMENT` of a route-if. @throws {RouteError} */
export function compileCondition(name: string, argument: string): Matcher {
  if (!Object.hasOwn(CONDITIONS, name)) {
    throw new RouteError(
      `unable to find "${name}" route condition`,
      `known conditions: ${Object.keys(CONDITIONS).toSorted().join(', ')}`,
    );
  }
  const compile = CONDITIONS[name] as ConditionCompiler;
  return compile(argument);
}
