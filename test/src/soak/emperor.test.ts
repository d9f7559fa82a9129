import assert from 'node:assert/strict';
import { test } from 'node:test';

import { oursOnly } from '../rig/subject.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { emperorChaos } from './scenarios/emperor-chaos.ts';
import { emperorKill } from './scenarios/emperor-kill.ts';
import { emperorMemory } from './scenarios/emperor-memory.ts';
import { emperorWatched } from './scenarios/emperor-watched.ts';

/** A short version of each: `npm run soak` has the long ones. */
async function short(scenario: Scenario, seconds: number): Promise<void> {
  const lines: string[] = [];
  const { problems } = await runScenario(scenario, seconds, (line) => lines.push(line));
  assert.deepEqual(problems, [], lines.join('\n'));
}

test('healthy vassals answer every request while others are killed, edited and flood their logs', oursOnly, () =>
  short(emperorChaos, 6),
);

test('vassals keep their processes and clients when their emperor is killed again and again', oursOnly, () =>
  short(emperorKill, 4),
);

test('an emperor keeps its private memory flat under floods, deaths and scrapes', oursOnly, () =>
  short(emperorMemory, 6),
);

test(
  'scrapes, status calls, dashboards and slow readers do not slow supervision down, though half of the vassals crash',
  oursOnly,
  () => short(emperorWatched, 3),
);
