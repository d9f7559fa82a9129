import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CURSED, WELL } from '../testing/statuses.ts';
import { SampleBook } from './vassal-samples.ts';
import type { VassalStatus } from './status.ts';

function served(requests: number): VassalStatus {
  return { ...WELL, name: 'a.ini', figures: { ...WELL.figures!, requests } };
}

test('SampleBook has rates between samples, and gaps where nothing is known', () => {
  const book = new SampleBook();
  book.add([served(100), CURSED], 1000);
  book.add([served(150), CURSED], 11_000);
  book.add([{ ...served(150), answering: false }, CURSED], 21_000);
  // A new process counts from 0.
  book.add([served(3), CURSED], 31_000);
  book.add([served(13), CURSED], 41_000);
  const samples = book.of('a.ini');
  assert.deepEqual(samples.times, [1, 11, 21, 31, 41]);
  assert.deepEqual(samples.requestsPerSecond, [null, 5, null, null, 1]);
  assert.deepEqual(samples.p95Ms, [12.4, 12.4, null, 12.4, 12.4]);
  assert.deepEqual(book.of('z.ini', 2).privateBytes, [null, null]);
});

test('SampleBook keeps an hour, and forgets who is gone', () => {
  const book = new SampleBook();
  for (let count = 0; count < 400; count++) book.add([served(count)], count * 10_000);
  assert.equal(book.of('a.ini').times.length, 360);
  assert.equal(book.of('a.ini').times[0], 400);
  book.add([], 4_000_000);
  assert.deepEqual(book.of('a.ini').times, []);
});
