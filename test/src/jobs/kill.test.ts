import assert from 'node:assert/strict';
import test from 'node:test';

import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { runKills } from './kill-run.ts';

test('no acknowledged job is lost while processes of every kind are killed', oursOnly, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /./ });
  const result = await runKills({ rig, jobs: 400, pauseMs: 150, note: (line) => t.diagnostic(line) });
  t.diagnostic(JSON.stringify(result));
  assert.deepEqual(result.lost, []);
  assert.equal(result.dead, 0);
  assert.ok(result.acknowledged > 100, `only ${result.acknowledged} jobs were acknowledged`);
});
