import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StartOrder } from './start-order.ts';

function order(after: Readonly<Record<string, readonly string[]>>): StartOrder {
  return new StartOrder((name) => after[name] ?? []);
}

test('StartOrder has a vassal wait for those it names', () => {
  assert.deepEqual(order({ a: ['b', 'c'] }).predecessorsOf('a'), ['b', 'c']);
});

test('StartOrder has nobody in a circle wait for the others in it, but for everybody else', () => {
  const circle = order({ a: ['b', 'x'], b: ['c'], c: ['a'], d: ['a'] });
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => circle.predecessorsOf(name)),
    [['x'], [], [], ['a']],
  );
  assert.deepEqual(circle.circleOf('b'), ['b', 'c', 'a']);
  assert.equal(circle.circleOf('d'), undefined);
});

test('StartOrder finds one that waits for itself', () => {
  assert.deepEqual(order({ a: ['a'] }).circleOf('a'), ['a']);
  assert.deepEqual(order({ a: ['a'] }).predecessorsOf('a'), []);
});
