import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { StartQueue, type Starter } from './start-queue.ts';

const BUSY: Starter = { isBusy: () => true };
const IDLE: Starter = { isBusy: () => false };

function queueOf(limit: number): {
  queue: StartQueue;
  started: string[];
  add: (name: string, starter: Starter) => void;
} {
  const started: string[] = [];
  const queue = new StartQueue({ limit, lookEveryMs: 20, patienceMs: 1000 });
  const add = (name: string, starter: Starter): void =>
    queue.enqueue(name, () => {
      started.push(name);
      return starter;
    });
  return { queue, started, add };
}

function mockTime(t: TestContext): (milliseconds: number) => void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  return (milliseconds) => {
    now += milliseconds;
    t.mock.timers.tick(milliseconds);
  };
}

test('StartQueue starts as many at a time as allowed, in order', (t) => {
  mockTime(t);
  const { queue, started, add } = queueOf(2);
  for (const name of ['a', 'b', 'c', 'd']) add(name, BUSY);
  assert.deepEqual(started, ['a', 'b']);
  queue.settle('b');
  assert.deepEqual(started, ['a', 'b', 'c']);
  for (const name of ['a', 'c', 'd']) queue.settle(name);
  assert.deepEqual(started, ['a', 'b', 'c', 'd']);
});

test('StartQueue forgets those that leave', (t) => {
  mockTime(t);
  const { queue, started, add } = queueOf(1);
  for (const name of ['a', 'b', 'c']) add(name, BUSY);
  queue.dequeue('b');
  queue.settle('a');
  assert.deepEqual(started, ['a', 'c']);
});

test('StartQueue takes one that is idle twice in a row for settled', (t) => {
  const pass = mockTime(t);
  const { started, add } = queueOf(1);
  for (const name of ['silent', 'next']) add(name, IDLE);
  pass(20);
  assert.deepEqual(started, ['silent']);
  pass(20);
  assert.deepEqual(started, ['silent', 'next']);
});

test('StartQueue does not wait for ever for one that is busy', (t) => {
  const pass = mockTime(t);
  const { started, add } = queueOf(1);
  for (const name of ['busy', 'next']) add(name, BUSY);
  for (let count = 0; count < 49; count += 1) pass(20);
  assert.deepEqual(started, ['busy']);
  pass(20);
  assert.deepEqual(started, ['busy', 'next']);
});

test('StartQueue gives the place of one that could not be started to the next', (t) => {
  mockTime(t);
  const { queue, started, add } = queueOf(1);
  queue.enqueue('missing', () => undefined);
  add('next', BUSY);
  assert.deepEqual(started, ['next']);
});

test('StartQueue counts one whose start asks for the next before it has returned', (t) => {
  mockTime(t);
  const { queue, started, add } = queueOf(1);
  const addHasty = (name: string): void =>
    queue.enqueue(name, () => {
      started.push(name);
      queue.advance();
      return BUSY;
    });
  for (const name of ['a', 'b', 'c']) addHasty(name);
  add('d', BUSY);
  assert.deepEqual(started, ['a']);
  queue.settle('a');
  assert.deepEqual(started, ['a', 'b']);
  queue.settle('b');
  assert.deepEqual(started, ['a', 'b', 'c']);
});
