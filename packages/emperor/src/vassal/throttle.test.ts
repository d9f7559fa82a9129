import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { throttleDelayMs } from './throttle.ts';

const policy = { baseDelayMs: 200, maximumDelayMs: 60_000 };

test('throttleDelayMs doubles with each failure up to the maximum', () => {
  const delays = [1, 2, 3, 4, 8, 9, 10, 11, 5000].map((failures) => throttleDelayMs(policy, failures, 0.5));
  assert.deepEqual(delays, [200, 400, 800, 1600, 25_600, 51_200, 60_000, 60_000, 60_000]);
});

test('throttleDelayMs varies by at most a fifth and never passes the maximum', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), random, (failures, chance) => {
      const middle = throttleDelayMs(policy, failures, 0.5);
      const delay = throttleDelayMs(policy, failures, chance);
      assert.ok(
        delay >= Math.floor(middle * 0.8) && delay <= Math.ceil(middle * 1.2) && delay <= policy.maximumDelayMs,
      );
    }),
  );
});
