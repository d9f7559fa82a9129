import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { parseRange } from './byte-range.ts';

for (const [header, ranges] of [
  ['bytes=2-4', [[2, 5]]],
  ['bytes=7-', [[7, 10]]],
  ['bytes=-3', [[7, 10]]],
  ['bytes=-30', [[0, 10]]],
  ['bytes=0-0', [[0, 1]]],
  ['Bytes=5-99', [[5, 10]]],
  [
    'bytes=0-1, 4-5',
    [
      [0, 2],
      [4, 6],
    ],
  ],
  ['bytes=0-1,50-60', [[0, 2]]],
  ['bytes=1-2,', [[1, 3]]],
  ['bytes=10-', []],
  ['bytes=-0', []],
] as const) {
  test(`parseRange reads "${header}" of 10 bytes`, () => {
    assert.deepEqual(
      parseRange(header, 10),
      ranges.map(([start, end]) => ({ start, end })),
    );
  });
}

for (const header of [
  'items=0-1',
  'bytes',
  'bytes=',
  'bytes=,',
  'bytes=x',
  'bytes=4-2',
  'bytes=0-5,3-8',
  `bytes=${'0-0,'.repeat(20)}1-1`,
]) {
  test(`parseRange ignores "${header.slice(0, 30)}"`, () => {
    assert.equal(parseRange(header, 10), undefined);
  });
}

test('parseRange has no range to give of an empty file', () => {
  assert.deepEqual(parseRange('bytes=0-', 0), []);
});

test('parseRange gives only ranges that lie in the file and do not overlap', () => {
  const spec = fc.oneof(
    fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => `${a}-${b}`),
    fc.nat(30).map((a) => `${a}-`),
    fc.nat(30).map((a) => `-${a}`),
  );
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), fc.nat(20), (specs, size) => {
      const ranges = parseRange(`bytes=${specs.join(',')}`, size) ?? [];
      const seen = new Set<number>();
      for (const { start, end } of ranges) {
        assert.ok(start >= 0 && start < end && end <= size);
        for (let i = start; i < end; i++) {
          assert.ok(!seen.has(i));
          seen.add(i);
        }
      }
    }),
  );
});
