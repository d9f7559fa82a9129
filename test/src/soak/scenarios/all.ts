import type { Scenario } from '../scenario.ts';

/** In the order in which they run when none is named. */
export const scenarios: readonly Scenario[] = [];
