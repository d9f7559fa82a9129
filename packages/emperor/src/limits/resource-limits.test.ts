import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isLimited, NO_LIMITS, preferred, strictest } from './resource-limits.ts';

const COMMON = { memoryBytes: 100, cpuPercent: undefined, processes: 10 };
const OWN = { memoryBytes: 200, cpuPercent: 50, processes: undefined };

test('preferred takes what a vassal asks for before what is set for all', () => {
  assert.deepEqual(preferred(OWN, COMMON), { memoryBytes: 200, cpuPercent: 50, processes: 10 });
});

test('strictest lets a vassal only lower its limits', () => {
  assert.deepEqual(strictest(OWN, COMMON), { memoryBytes: 100, cpuPercent: 50, processes: 10 });
});

test('isLimited is false when nothing is', () => {
  assert.deepEqual([isLimited(NO_LIMITS), isLimited(OWN)], [false, true]);
});
