import assert from 'node:assert/strict';
import test from 'node:test';

import { IdleClock } from './hibernation.ts';

test('IdleClock counts from the last activity', () => {
  const clock = new IdleClock(2);
  assert.equal(clock.isIdle({ open: 0, answered: 0 }, 1000), false);
  assert.equal(clock.isIdle({ open: 0, answered: 0 }, 2999), false);
  assert.equal(clock.isIdle({ open: 0, answered: 0 }, 3000), true);
  assert.equal(clock.isIdle({ open: 0, answered: 5 }, 3100), false);
  assert.equal(clock.isIdle({ open: 1, answered: 5 }, 9000), false);
  assert.equal(clock.isIdle({ open: 0, answered: 5 }, 10_999), false);
  assert.equal(clock.isIdle({ open: 0, answered: 5 }, 11_000), true);
  assert.equal(clock.sinceMs, 9000);
});
