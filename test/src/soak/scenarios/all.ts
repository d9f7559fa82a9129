import type { Scenario } from '../scenario.ts';
import { KILLS } from './kills.ts';
import { RELOADS } from './reloads.ts';
import { SCALING } from './scaling.ts';

/** In the order in which they run when none is named. */
export const scenarios: readonly Scenario[] = [RELOADS, SCALING, KILLS];
