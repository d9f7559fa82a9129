import type { MimeTypes } from '../static/mime-types.ts';
import type { Action } from './action.ts';
import { actionNames, findAction } from './actions.ts';
import { toByteText } from './byte-text.ts';
import type { Matcher } from './condition.ts';
import { compileCondition } from './conditions.ts';
import { STORING_ACTIONS } from './lazy-cache-actions.ts';
import type { ParsedRule, RuleSubject } from './parse-rule.ts';
import { RouteError } from './route-error.ts';
import type { RoutePhase } from './route-options.ts';
import type { RouteSettings } from './route-settings.ts';
import type { Rule } from './rule-chain.ts';
import { compileRulePattern } from './rule-pattern.ts';
import { compileTemplate, type Template } from './template.ts';
import { type VariableFunction, variableFunctions } from './variable-functions.ts';

type Warn = (message: string, suggestion?: string) => void;

/** Actions of request rules that are carried out when the answer comes. */
const EDITING_ACTIONS = new Set(['remheader', 'delheader', 'send', 'send-crnl', 'gzip']);

const REMOVING_ACTIONS = new Set(['remheader', 'delheader']);
/** Actions of response rules that leave the headers of the answerer alone. The others can replace its answer. */
const KEEPING_ACTIONS = new Set([
  'addheader',
  'addvar',
  'log',
  'logvar',
  'donotlog',
  'last',
  'continue',
  'goto',
  'gzip',
]);

const PHASE_WORDS: Readonly<Record<RoutePhase, string>> = {
  request: 'before there is an answer',
  error: 'when there is an answer already',
  response: 'when there is an answer already',
  final: 'when the answer has been sent',
};

/** Makes rules that can be asked out of rules as they were written. */
export class RuleCompiler {
  /** What the rules need of the instance beside themselves. */
  readonly uses = {
    /** Something is to be done to answers that request rules ask for. */
    answerEdits: false,
    /** Answers are kept that others may wait for. */
    pages: false,
    /** The headers of the answerer are told from those that rules add. */
    ownHeaders: false,
  };
  readonly #settings: RouteSettings;
  readonly #mimeTypes: () => MimeTypes;
  readonly #functions: ReadonlyMap<string, VariableFunction>;

  constructor(settings: RouteSettings, mimeTypes: () => MimeTypes) {
    this.#settings = settings;
    this.#mimeTypes = mimeTypes;
    this.#functions = variableFunctions(mimeTypes, settings.nextWorker);
  }

  /**
   * @param written the rule as it was written, for error messages
   * @throws {RouteError}
   */
  compile(rule: ParsedRule, written: string, phase: RoutePhase, warn: Warn): Rule {
    if (rule.kind === 'label') return { label: rule.label };
    const { subject, action, argument } = rule;
    const template = (text: string): Template => compileTemplate(text, { functions: this.#functions, warn });
    const matches = this.#compileSubject(subject, warn);
    const act = this.#compileAction(action, toByteText(argument), written, phase, template, warn);
    return { label: undefined, matches, act };
  }

  #compileAction(
    name: string,
    argument: string,
    written: string,
    phase: RoutePhase,
    template: (text: string) => Template,
    warn: Warn,
  ): Action {
    const kind = findAction(name);
    if (kind === undefined) {
      throw new RouteError(
        `unable to register route "${written}". Missing router for: "${name}"`,
        `known actions: ${actionNames().join(', ')}`,
      );
    }
    if (kind.phases?.includes(phase) === false) {
      const message = `the action ${name}: does nothing ${PHASE_WORDS[phase]}`;
      throw kind.guards === true
        ? new RouteError(message)
        : new RouteError(`${message}, the rule is left out`, undefined, 'warning');
    }
    if (STORING_ACTIONS.has(name)) this.uses.pages = true;
    if (phase === 'request') {
      if (EDITING_ACTIONS.has(name)) this.uses.answerEdits = true;
      if (REMOVING_ACTIONS.has(name)) this.uses.ownHeaders = true;
    } else if (!KEEPING_ACTIONS.has(name)) {
      this.uses.ownHeaders = true;
    }
    return kind.compile({
      argument,
      phase,
      settings: this.#settings,
      mimeTypes: this.#mimeTypes,
      template,
      expand: (text, context) =>
        compileTemplate(text, { functions: this.#functions, warn: () => {} }).evaluate(context),
      warn,
    });
  }

  #compileSubject(subject: RuleSubject, warn: Warn): Matcher | undefined {
    switch (subject.kind) {
      case 'always':
        return undefined;
      case 'condition':
        return this.#compileCondition(subject.name, toByteText(subject.argument), subject.negated, warn);
      case 'variable':
        return this.#compileMatch(subject.variable, toByteText(subject.pattern), warn);
      default:
        return compileStatusMatch(subject.status);
    }
  }

  #compileCondition(name: string, argument: string, negated: boolean, warn: Warn): Matcher {
    const matches = compileCondition(name, {
      argument,
      template: (text) => compileTemplate(text, { functions: this.#functions, warn }),
      caches: this.#settings.caches,
      compilePattern: (pattern) => this.#compilePattern(pattern, warn),
      warn,
    });
    return negated ? not(matches) : matches;
  }

  /** A request without that variable is not matched by any pattern. */
  #compileMatch(variable: string, text: string, warn: Warn): Matcher {
    const pattern = this.#compilePattern(text, warn);
    return (context) => {
      const subject = context.exchange.variables.get(variable);
      context.match = subject === undefined ? undefined : (pattern.exec(subject) ?? undefined);
      return context.match !== undefined;
    };
  }

  #compilePattern(text: string, warn: Warn): RegExp {
    const { refuseExplosivePatterns } = this.#settings;
    return compileRulePattern(text, { refuseExplosivePatterns, warn });
  }
}

function compileStatusMatch(text: string): Matcher {
  if (!/^[0-9]{3}$/.test(text)) {
    throw new RouteError(`invalid route syntax: expected a status such as 404, not "${text}"`);
  }
  const status = Number(text);
  return (context) => context.status === status;
}

function not(matches: Matcher): Matcher {
  return (context) => {
    const holds = matches(context);
    return typeof holds === 'boolean' ? !holds : holds.then((later) => !later);
  };
}
