import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';
import type { RoutePhase } from './route-options.ts';
import { compileTemplate } from './template.ts';

/**
 * What becomes of a chain after an action: the next rule is asked, the chain is left and the request goes on its way, or the request
 * has been answered.
 */
export type Outcome = 'next' | 'leave' | 'answered';

export type Action = (context: RouteContext) => Outcome;

/** What an action is compiled from. */
export interface ActionSource {
  /** Behind the colon. */
  readonly argument: string;
  readonly phase: RoutePhase;
  /** The rule matches by a pattern: its groups can be used. */
  readonly hasGroups: boolean;
}

type ActionCompiler = (source: ActionSource) => Action;

const ACTIONS: Readonly<Record<string, ActionCompiler>> = {
  addheader: ({ argument, hasGroups }) => {
    const template = compileTemplate(argument, hasGroups);
    if (template.constant !== undefined && splitHeader(template.constant) === undefined) {
      throw new RouteError(`addheader needs NAME: VALUE, not "${argument}"`);
    }
    return (context) => {
      const header = splitHeader(template.evaluate(context));
      if (header === undefined) return 'next';
      if (context.head === undefined) context.exchange.addHeader(header.name, header.value);
      else context.head.headers.push(header.name, header.value);
      return 'next';
    };
  },
};

const HEADER = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/s;

function splitHeader(text: string): { readonly name: string; readonly value: string } | undefined {
  const match = HEADER.exec(text);
  return match === null ? undefined : { name: match[1] ?? '', value: match[2] ?? '' };
}

/** Compiles `NAME:ARGUMENT` of a rule. @returns undefined when there is no such action @throws {RouteError} when the argument is not what it needs */
export function compileAction(name: string, source: ActionSource): Action | undefined {
  return Object.hasOwn(ACTIONS, name) ? (ACTIONS[name] as ActionCompiler)(source) : undefined;
}

export function actionNames(): string[] {
  return Object.keys(ACTIONS).toSorted();
}
