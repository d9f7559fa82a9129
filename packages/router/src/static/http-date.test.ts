import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { formatHttpDate, parseHttpDate } from './http-date.ts';

const SECONDS = 784_111_777;

test('formatHttpDate writes an IMF-fixdate', () => {
  assert.equal(formatHttpDate(SECONDS), 'Sun, 06 Nov 1994 08:49:37 GMT');
});

for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
  test(`parseHttpDate understands "${text}"`, () => {
    assert.equal(parseHttpDate(text), SECONDS);
  });
}

for (const text of ['', 'yesterday', '1', '0', 'Sun, 06 Nov 1994', 'Sun, 99 Nov 1994 08:49:37 GMT']) {
  test(`parseHttpDate does not take "${text}" for a date`, () => {
    assert.equal(parseHttpDate(text), undefined);
  });
}

test('parseHttpDate reads back what formatHttpDate writes', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 33), (seconds) => {
      assert.equal(parseHttpDate(formatHttpDate(seconds)), seconds);
    }),
  );
});
