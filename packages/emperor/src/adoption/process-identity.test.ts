import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { isAlive, startTimeOf } from './process-identity.ts';

test('startTimeOf names a process for as long as it lives', () => {
  const startTime = startTimeOf(process.pid);
  assert.match(startTime ?? '', /^\d+$/);
  assert.ok(isAlive({ pid: process.pid, startTime: startTime ?? '' }));
  assert.ok(!isAlive({ pid: process.pid, startTime: '1' }));
});

test('startTimeOf knows nothing of a process that is gone', () => {
  assert.equal(startTimeOf(spawnSync('true').pid), undefined);
});
