import type { RouteCaches } from '../cache/route-caches.ts';
import type { RouteContext } from './route-context.ts';
import type { Template } from './template.ts';

/** Decides whether a rule applies; a pattern leaves its groups in the context. Later only where the context may wait. */
export type Matcher = (context: RouteContext) => boolean | Promise<boolean>;

/** What a condition is compiled from. */
export interface ConditionSource {
  /** Behind the colon. Bytes, one character each. */
  readonly argument: string;
  readonly template: (text: string) => Template;
  /** The caches of the instance; undefined where there are none. */
  readonly caches: RouteCaches | undefined;
  readonly compilePattern: (pattern: string) => RegExp;
  /** Tells of a condition that can never hold, which uWSGI takes too. */
  readonly warn: (message: string, suggestion?: string) => void;
}

export type ConditionCompiler = (source: ConditionSource) => Matcher;

/** Takes `LEFT;RIGHT` apart at the first semicolon. @returns undefined, after a warning, where there is none */
export function splitArguments({ argument, template, warn }: ConditionSource): [Template, Template] | undefined {
  const semicolon = argument.indexOf(';');
  if (semicolon === -1) {
    warn(`the condition never holds: it needs two texts with ";" between them, not "${argument}"`);
    return undefined;
  }
  return [template(argument.slice(0, semicolon)), template(argument.slice(semicolon + 1))];
}

/** A condition over two texts. */
export function comparing(compare: (left: string, right: string) => boolean): ConditionCompiler {
  return (source) => {
    const texts = splitArguments(source);
    if (texts === undefined) return () => false;
    const [left, right] = texts;
    return (context) => compare(left.evaluate(context), right.evaluate(context));
  };
}
