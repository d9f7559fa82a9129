import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Life, POLICY, wait } from '../testing/life.ts';
import { deadlineOf } from './vassal-deadline.ts';

test('a vassal that keeps dying waits longer each time', () => {
  const life = new Life();
  const waits = [1, 2, 3, 4].map(() => {
    const milliseconds = wait(life.launch().say('spawned').exit()) ?? 0;
    life.after(milliseconds).happen({ type: 'deadline' });
    return milliseconds;
  });
  assert.deepEqual(waits, [200, 400, 800, 1600]);
});

test('a vassal that ends with 1 before it is up is invalid, and tried again like a cursed one', () => {
  const life = new Life().launch().exit(1);
  assert.deepEqual([life.phase, wait(life), life.state.failures], ['invalid', 200, 1]);
  assert.equal(life.after(200).happen({ type: 'deadline' }).phase, 'queued');
  assert.equal(life.launch().exit(1).happen({ type: 'file-changed' }).phase, 'queued');
});

test('a vassal that ends otherwise, or once it is up, is cursed', () => {
  assert.equal(new Life().launch().exit(22).phase, 'cursed');
  assert.equal(new Life().launch().say('spawned').exit(1).phase, 'cursed');
});

test('a cursed vassal is not started before its time', () => {
  const life = new Life().launch().exit(2).after(199).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.waiting], ['cursed', false]);
  life.after(1).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.waiting], ['queued', true]);
});

test('a vassal that was ready for ten seconds is forgiven', () => {
  const life = new Life().launch().exit().after(200).happen({ type: 'deadline' });
  life.launch().say('spawned', 'accepting').after(10_000).exit();
  assert.equal(wait(life), 200);
});

test('a vassal that has served a request is forgiven', () => {
  const life = new Life().launch().exit().after(200).happen({ type: 'deadline' });
  life.launch().say('spawned', 'accepting', 'loyal').exit();
  assert.equal(wait(life), 200);
});

test('a vassal that exits with 30 is not started again before an edit', () => {
  const life = new Life().launch().say('accepting').exit(30);
  assert.deepEqual([life.phase, deadlineOf(life.state, POLICY)], ['exiled', undefined]);
  assert.equal(life.happen({ type: 'file-changed' }).phase, 'queued');
});

test('a vassal on demand that dies is throttled like any other, then waits for the next connection', () => {
  const life = new Life(true).happen({ type: 'connection' }).launch().exit(2);
  assert.deepEqual([life.phase, wait(life)], ['cursed', 200]);
  assert.deepEqual([life.after(200).happen({ type: 'deadline' }).phase, life.waiting], ['waiting', false]);
});

test('a command that cannot be run is a failure like any other', () => {
  const life = new Life().failToLaunch();
  assert.deepEqual([life.phase, wait(life)], ['cursed', 200]);
});
