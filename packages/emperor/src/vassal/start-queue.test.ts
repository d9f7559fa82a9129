import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StartQueue } from './start-queue.ts';

test('StartQueue starts as many at a time as allowed, in order', () => {
  const started: string[] = [];
  const queue = new StartQueue(2, 1000);
  for (const name of ['a', 'b', 'c', 'd']) queue.enqueue(name, () => started.push(name));
  assert.deepEqual(started, ['a', 'b']);
  queue.settle('b');
  assert.deepEqual(started, ['a', 'b', 'c']);
  for (const name of ['a', 'c', 'd']) queue.settle(name);
  assert.deepEqual(started, ['a', 'b', 'c', 'd']);
});

test('StartQueue forgets those that leave', () => {
  const started: string[] = [];
  const queue = new StartQueue(1, 1000);
  for (const name of ['a', 'b', 'c']) queue.enqueue(name, () => started.push(name));
  queue.dequeue('b');
  queue.settle('a');
  queue.settle('c');
  assert.deepEqual(started, ['a', 'c']);
});

test('StartQueue does not wait for a silent one for ever', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const started: string[] = [];
  const queue = new StartQueue(1, 250);
  for (const name of ['silent', 'next']) queue.enqueue(name, () => started.push(name));
  t.mock.timers.tick(250);
  assert.deepEqual(started, ['silent', 'next']);
  queue.settle('next');
});
