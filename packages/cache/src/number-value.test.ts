import assert from 'node:assert/strict';
import { test } from 'node:test';

import { calculate, decodeNumber, encodeNumber } from './number-value.ts';

test('encodeNumber writes eight bytes, the lowest first, as uWSGI does', () => {
  assert.deepEqual([...encodeNumber(2n)], [2, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(decodeNumber(encodeNumber(-3n)), -3n);
});

test('decodeNumber takes nothing for a number that has another length', () => {
  assert.equal(decodeNumber(Buffer.from('12')), undefined);
  assert.equal(decodeNumber(Buffer.from('12345678')), 4_050_765_991_979_987_505n);
});

test('calculate wraps around, cuts quotients towards zero, and divides by zero without harm', () => {
  assert.equal(calculate(2n ** 63n - 1n, 'inc', 1n), -(2n ** 63n));
  assert.equal(calculate(-9n, 'div', 2n), -4n);
  assert.equal(calculate(5n, 'div', 0n), 0n);
  assert.equal(calculate(5n, 'dec', 7n), -2n);
  assert.equal(calculate(5n, 'mul', -3n), -15n);
});
