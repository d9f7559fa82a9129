import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LATENCY_BOUNDS_SECONDS } from './control-messages.ts';
import { LatencyHistogram } from './latency-histogram.ts';

test('LatencyHistogram counts a time in the class whose bound it does not exceed', () => {
  const histogram = new LatencyHistogram();
  for (const us of [1, 1000, 1001, 2500, 11e6]) histogram.addUs(us);
  assert.deepEqual(histogram.counts, [2, 2, ...Array.from({ length: LATENCY_BOUNDS_SECONDS.length - 2 }, () => 0), 1]);
  assert.ok(Math.abs(histogram.sumSeconds - 11.004502) < 1e-9);
});
