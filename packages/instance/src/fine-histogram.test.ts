import assert from 'node:assert/strict';
import { test } from 'node:test';

import { array, assert as check, integer, property } from 'fast-check';

import { FineHistogram } from './fine-histogram.ts';

test('FineHistogram finds percentiles that are at most a quarter off', () => {
  check(
    property(array(integer({ min: 65, max: 60e6 }), { minLength: 1 }), (times) => {
      const histograms = [new FineHistogram(), new FineHistogram()];
      for (const [index, us] of times.entries()) histograms[index % 2]?.addUs(us);
      for (const share of [0.5, 0.95, 0.99, 1]) {
        const exact = times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? 0;
        const estimate = FineHistogram.quantileUs(histograms, share) ?? 0;
        assert.ok(estimate >= exact * 0.79 && estimate <= exact * 1.26, `${estimate} for ${exact}`);
      }
    }),
  );
});

test('FineHistogram takes what is shorter or longer than its buckets', () => {
  const histogram = new FineHistogram();
  histogram.addUs(0);
  assert.ok((FineHistogram.quantileUs([histogram], 1) ?? 0) <= 64);
  histogram.addUs(500e6);
  assert.equal(FineHistogram.quantileUs([histogram], 1), 2 ** 26);
});

test('FineHistogram knows nothing about nothing', () => {
  assert.equal(FineHistogram.quantileUs([new FineHistogram()], 0.5), undefined);
});
