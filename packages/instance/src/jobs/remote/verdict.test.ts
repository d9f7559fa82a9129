import assert from 'node:assert/strict';
import test from 'node:test';

import { backoffMs, judge, PROCESS_DIED } from './verdict.ts';

test('judge takes uWSGI’s three numbers for done and for again', () => {
  const said = (result: number): unknown => judge({ result, problem: '' }, false);
  assert.deepEqual(said(-2), { kind: 'done' });
  assert.deepEqual(said(-1), { kind: 'again', atOnce: false });
  assert.deepEqual(said(0), { kind: 'again', atOnce: false });
});

test('judge counts a job that broke, or its process, unless the instance ends', () => {
  assert.deepEqual(judge({ result: undefined, problem: 'it raised' }, true), { kind: 'failed', problem: 'it raised' });
  assert.deepEqual(judge(PROCESS_DIED, false), { kind: 'failed', problem: 'its process died' });
  assert.deepEqual(judge(PROCESS_DIED, true), { kind: 'again', atOnce: true });
});

test('backoffMs doubles up to ten minutes', () => {
  assert.deepEqual([1, 2, 3, 4, 50].map(backoffMs), [1000, 2000, 4000, 8000, 600_000]);
});
