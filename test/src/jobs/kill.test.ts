import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { startRedis } from '../cache/redis.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { runKills } from './kill-run.ts';

async function expectNoneLost(t: TestContext, rig: Rig, jobs: number, url?: string): Promise<void> {
  const place = url === undefined ? {} : { url };
  const result = await runKills({ rig, jobs, pauseMs: 150, note: (line) => t.diagnostic(line), ...place });
  t.diagnostic(JSON.stringify(result));
  assert.deepEqual(result.lost, []);
  assert.equal(result.dead, 0);
  assert.notEqual(result.acknowledged, 0);
}

test('no acknowledged job is lost while processes of every kind are killed', oursOnly, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /./ });
  await expectNoneLost(t, rig, 400);
});

const withRedis = oursOnly.skip === false ? needs('redis') : oursOnly;

test('no acknowledged job on a Redis is lost while processes of every kind are killed', withRedis, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /./ });
  const { port } = await startRedis(rig);
  await expectNoneLost(t, rig, 100, `redis://127.0.0.1:${port}`);
});
