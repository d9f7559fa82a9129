import assert from 'node:assert/strict';
import { test } from 'node:test';

import { evenSchedule, leastLatenciesMs, randomSchedule } from './schedule.ts';

test('an even schedule has one request after the other, and every Nth is slow', () => {
  const { dueMs, isSlow } = evenSchedule(10, 1, 5);
  assert.deepEqual([...dueMs], [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  assert.deepEqual([...isSlow], [0, 0, 1, 0, 0, 0, 0, 1, 0, 0]);
});

test('a random schedule is always the same, ascends, and has about as many requests and slow ones as it shall', () => {
  const schedule = randomSchedule(1000, 10, 0.01);
  assert.deepEqual(schedule, randomSchedule(1000, 10, 0.01));
  assert.deepEqual(schedule.dueMs, schedule.dueMs.toSorted());
  assert.ok(Math.abs(schedule.dueMs.length - 10_000) < 500, `${schedule.dueMs.length} requests`);
  const slow = schedule.isSlow.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(slow - 100) < 40, `${slow} slow ones`);
});

test('leastLatenciesMs has requests wait only when every worker is at a slow one', () => {
  const schedule = { dueMs: Float64Array.of(0, 10, 20, 30, 600), isSlow: Uint8Array.of(1, 0, 1, 0, 0) };
  assert.deepEqual([...leastLatenciesMs(schedule, 2, 500)], [500, 0, 500, 470, 0]);
});
