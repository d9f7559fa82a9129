import assert from 'node:assert/strict';
import test from 'node:test';

import { Ring } from './ring.ts';

const empty = (size: number): Ring => new Ring(Array.from({ length: size }, () => null));

test('a ring gives what was pushed in its order, and nothing when it is empty', () => {
  const ring = empty(4);
  ring.push('1');
  ring.push('2');
  assert.deepEqual([ring.pull(), ring.pull(), ring.pull()], ['1', '2', null]);
});

test('a ring overwrites what nobody took, as uWSGI does', () => {
  const ring = empty(4);
  ring.push('1');
  ring.push('2');
  assert.deepEqual([ring.pull(), ring.pop(), ring.pull()], ['1', '2', null]);
  for (const item of ['0', '1', '2', '3', '4', '5']) ring.push(item);
  assert.deepEqual([ring.position, ring.pullPosition], [3, 1]);
  assert.deepEqual(
    Array.from({ length: 6 }, () => ring.pull()),
    ['4', '5', '2', '3', null, null],
  );
});

test('the last items of a ring come newest first, empty slots included', () => {
  const ring = empty(4);
  ring.push('1');
  ring.push('2');
  ring.set(2, 'two');
  assert.deepEqual(ring.last(9), ['2', '1', null, 'two']);
  assert.equal(ring.set(4, 'x'), false);
});
