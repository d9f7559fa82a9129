import assert from 'node:assert/strict';
import { test } from 'node:test';

import { oursOnly } from '../rig/subject.ts';
import { runScenario } from '../soak/run-scenario.ts';
import { KILLS } from '../soak/scenarios/kills.ts';
import { MEMORY } from '../soak/scenarios/memory.ts';
import { RELOADS } from '../soak/scenarios/reloads.ts';
import { SCALING } from '../soak/scenarios/scaling.ts';

// Short: each scenario does everything once. The long runs are `npm run soak`.
for (const scenario of [RELOADS, SCALING, KILLS, MEMORY]) {
  test(`the scenario ${scenario.name}: ${scenario.title}`, oursOnly, async (t) => {
    const { problems } = await runScenario(scenario, 1, (line) => t.diagnostic(line));
    assert.deepEqual(problems, []);
  });
}
