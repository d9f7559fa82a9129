import type { Action, Jump, Outcome } from './action.ts';
import type { Matcher } from './condition.ts';
import type { RouteContext } from './route-context.ts';

/** One compiled line: a rule, which without a matcher always applies, or a label. */
export type Rule =
  | { readonly label: undefined; readonly matches: Matcher | undefined; readonly act: Action }
  | { readonly label: string };

/** How a chain ended: the request goes on its way, it has been answered, or a jump led nowhere. */
export type ChainEnd = 'leave' | 'answered' | 'lost';

/** uWSGI's words for a jump that leads nowhere. */
export const LOST_JUMP = '[uwsgi-route] ERROR "goto" instruction can only jump forward (check your label !!!)';

/** The rules of one phase, in order. */
export class RuleChain {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /**
   * Asks the rules one after the other.
   * @returns a promise only where an action or a condition waits for something, which it does only where the context lets it
   */
  run(context: RouteContext): ChainEnd | Promise<ChainEnd> {
    return this.#runFrom(0, context);
  }

  /** The same, where the context lets nothing wait. */
  runNow(context: RouteContext): ChainEnd {
    const end = this.run(context);
    if (typeof end !== 'string') throw new Error('a rule waits where it must not');
    return end;
  }

  #runFrom(start: number, context: RouteContext): ChainEnd | Promise<ChainEnd> {
    const rules = this.#rules;
    for (let index = start; index < rules.length; index += 1) {
      const rule = rules[index];
      if (rule === undefined || rule.label !== undefined) continue;
      context.match = undefined;
      const applies = rule.matches === undefined || rule.matches(context);
      if (applies === false) continue;
      const outcome = applies === true ? rule.act(context) : actLater(applies, rule.act, context);
      if (outcome === 'next') continue;
      if (outcome instanceof Promise) return outcome.then((settled) => this.#follow(settled, index, context));
      return this.#follow(outcome, index, context);
    }
    return 'leave';
  }

  #follow(outcome: Outcome, index: number, context: RouteContext): ChainEnd | Promise<ChainEnd> {
    if (outcome === 'next') return this.#runFrom(index + 1, context);
    if (typeof outcome === 'string') return outcome;
    const target = this.#labelBehind(index, outcome);
    return target === -1 ? 'lost' : this.#runFrom(target + 1, context);
  }

  #labelBehind(index: number, { label }: Jump): number {
    return this.#rules.findIndex((rule, position) => position > index && rule.label === label);
  }
}

async function actLater(applies: Promise<boolean>, act: Action, context: RouteContext): Promise<Outcome> {
  return (await applies) ? act(context) : 'next';
}
