import type { Scenario } from '../scenario.ts';
import { emperorChaos } from './emperor-chaos.ts';
import { emperorKill } from './emperor-kill.ts';
import { emperorMass } from './emperor-mass.ts';
import { emperorMemory } from './emperor-memory.ts';
import { emperorWatched } from './emperor-watched.ts';
import { jobKills, redisJobKills } from './job-kills.ts';
import { KILLS } from './kills.ts';
import { MEMORY } from './memory.ts';
import { RELOADS } from './reloads.ts';
import { SCALING } from './scaling.ts';

/** In the order in which they run when none is named. */
export const scenarios: readonly Scenario[] = [
  emperorMass,
  emperorChaos,
  emperorKill,
  emperorMemory,
  emperorWatched,
  RELOADS,
  SCALING,
  KILLS,
  MEMORY,
  jobKills,
  redisJobKills,
];
