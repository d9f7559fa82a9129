import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { LineBatch } from './line-batch.ts';

test('a batch holds lines of both encodings as bytes, together and one by one', () => {
  const batch = new LineBatch();
  batch.add('plain é', 'utf8');
  batch.add('raw \xe9', 'latin1');
  batch.add('', 'utf8');
  assert.deepEqual(batch.toBuffer(), Buffer.from('plain \xc3\xa9\nraw \xe9\n\n', 'latin1'));
  assert.deepEqual(
    batch.toLines().map((line) => line.toString('latin1')),
    ['plain \xc3\xa9', 'raw \xe9', ''],
  );
  assert.deepEqual([batch.count, batch.size], [3, batch.toBuffer().length]);
});

test('a batch grows with its lines, and is filled anew when it was cleared', () => {
  const batch = new LineBatch();
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 5000 }), { maxLength: 20 }), (lines) => {
      batch.clear();
      for (const line of lines) batch.add(line, 'utf8');
      assert.equal(batch.toBuffer().toString(), lines.map((line) => `${Buffer.from(line).toString()}\n`).join(''));
      assert.equal(batch.count, lines.length);
    }),
  );
});

test('a batch that a burst has made large is not worth keeping', () => {
  const batch = new LineBatch();
  assert.equal(batch.isReusable, false);
  batch.add('x', 'latin1');
  assert.equal(batch.isReusable, true);
  batch.add('x'.repeat(300_000), 'latin1');
  assert.equal(batch.isReusable, false);
});
