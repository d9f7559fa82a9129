import type { MimeTypes } from '../static/mime-types.ts';
import type { RouteContext } from './route-context.ts';
import type { RoutePhase } from './route-options.ts';
import type { RouteSettings } from './route-settings.ts';
import type { Template } from './template.ts';

/** The next rule to ask is behind that label. */
export interface Jump {
  readonly label: string;
}

/**
 * What becomes of a chain after an action: the next rule is asked, the chain is left and the request goes on its way, the request has
 * been answered, or rules are jumped over.
 */
export type Outcome = 'next' | 'leave' | 'answered' | Jump;

export type Action = (context: RouteContext) => Outcome | Promise<Outcome>;

/** What an action is compiled from. */
export interface ActionSource {
  /** Behind the colon. Bytes, one character each. */
  readonly argument: string;
  readonly phase: RoutePhase;
  readonly settings: RouteSettings;
  /** Content types of files; reads them when first called. */
  readonly mimeTypes: () => MimeTypes;
  /** Compiles a text that may use variables, and the groups of the rule's pattern. */
  readonly template: (text: string) => Template;
  /** Replaces what such a text refers to in one that comes with a request, without a word about what it does not know. */
  readonly expand: (text: string, context: RouteContext) => string;
  /** Tells of something that will not work as written; the rule is kept. */
  readonly warn: (message: string, suggestion?: string) => void;
}

/** One action of the language. */
export interface ActionKind {
  /** @throws {RouteError} when the argument is not what the action needs */
  readonly compile: (source: ActionSource) => Action;
  /** Where it has an effect; everywhere unless said. */
  readonly phases?: readonly RoutePhase[];
  /** Leaving it out would let through what it holds back: an error where it cannot work, not a warning. */
  readonly guards?: boolean;
}

/** Phases in which there is, or can be, an answer to change. */
export const ANSWER_PHASES: readonly RoutePhase[] = ['request', 'error', 'response'];
