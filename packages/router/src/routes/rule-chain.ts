import type { Action, Outcome } from './actions.ts';
import type { Matcher } from './conditions.ts';
import type { RouteContext } from './route-context.ts';

/** One compiled rule; without a matcher it always applies. */
export interface Rule {
  readonly matches: Matcher | undefined;
  readonly act: Action;
}

/** The rules of one phase, in order. */
export class RuleChain {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  run(context: RouteContext): Outcome {
    for (const { matches, act } of this.#rules) {
      context.match = undefined;
      if (matches !== undefined && !matches(context)) continue;
      const outcome = act(context);
      if (outcome !== 'next') return outcome;
    }
    return 'next';
  }
}
