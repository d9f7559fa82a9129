import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { StreamTable } from './stream-table.ts';

test('StreamTable gives numbers out in order, and none that is in use', () => {
  const table = new StreamTable<string>();
  const first = table.add('first');
  assert.equal(first, 1);
  const gone = table.add('gone');
  table.delete(gone);
  assert.equal(table.get(gone), undefined);
  assert.notEqual(table.add('next'), gone);
  for (let i = 0; i < 200; i++) table.delete(table.add('brief'));
  assert.equal(table.get(first), 'first');
  assert.equal(table.size, 2);
  assert.deepEqual(table.values().toSorted(), ['first', 'next']);
  table.clear();
  assert.equal(table.size, 0);
  assert.equal(table.get(first), undefined);
});

test('StreamTable does what a Map does', () => {
  const step = fc.record({ adds: fc.boolean(), index: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const table = new StreamTable<number>();
      const model = new Map<number, number>();
      for (const [value, { adds, index }] of steps.entries()) {
        if (adds) {
          const stream = table.add(value);
          assert.ok(!model.has(stream));
          model.set(stream, value);
        } else {
          const stream = [...model.keys()][index] ?? index;
          table.delete(stream);
          model.delete(stream);
        }
      }
      assert.equal(table.size, model.size);
      for (const [stream, value] of model) assert.equal(table.get(stream), value);
      assert.deepEqual(table.values(), [...model.values()]);
    }),
  );
});
