import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Figures } from './row.ts';
import type { Result } from './run-row.ts';
import { bestResult, median, medians, ratio, spread } from './statistics.ts';

function result(contestant: string, figures: Figures): Result {
  return { contestant, medians: figures, spread: {}, rounds: [] };
}

test('median is the middle one, or the middle of the two middle ones', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test('medians and spread are taken for each figure by itself', () => {
  const rounds = [
    { a: 1, b: 30 },
    { a: 2, b: 10 },
    { a: 3, b: 20 },
  ];
  assert.deepEqual(medians(rounds), { a: 2, b: 20 });
  assert.deepEqual(spread(rounds), { a: 1, b: 1 });
});

test('bestResult is the highest or the lowest, of those who have the figure', () => {
  const column = { key: 'a', title: 'a', decimals: 0 };
  const results = [result('none', {}), result('two', { a: 2 }), result('four', { a: 4 })];
  assert.equal(bestResult({ ...column, better: 'higher' }, results)?.contestant, 'four');
  assert.equal(bestResult({ ...column, better: 'lower' }, results)?.contestant, 'two');
  assert.equal(bestResult({ ...column, better: 'lower' }, [result('none', {})]), undefined);
});

test('ratio compares with the best peer, whichever way is better', () => {
  const column = { key: 'a', title: 'a', decimals: 0 };
  const peers = [result('two', { a: 2 }), result('four', { a: 4 })];
  assert.equal(ratio({ ...column, better: 'higher' }, result('ours', { a: 8 }), peers), 2);
  assert.equal(ratio({ ...column, better: 'lower' }, result('ours', { a: 1 }), peers), 0.5);
  assert.equal(ratio({ ...column, better: 'lower' }, result('ours', { a: 1 }), []), undefined);
});
