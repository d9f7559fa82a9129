import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Life } from '../testing/life.ts';

test('a cursed vassal that is forgiven starts at once, any other goes on', () => {
  const life = new Life().launch().exit().happen({ type: 'forgive' });
  assert.deepEqual([life.phase, life.state.failures], ['queued', 0]);
  life.launch().say('accepting').happen({ type: 'forgive' });
  assert.deepEqual([life.phase, life.lastActions], ['ready', []]);
});

test('a vassal on demand is not started by an edit, but by an operator', () => {
  const life = new Life(true).happen({ type: 'file-changed' }).happen({ type: 'reload' });
  assert.equal(life.phase, 'waiting');
  assert.deepEqual(
    [life.happen({ type: 'start' }).phase, life.lastActions],
    ['queued', ['ignore-connections', 'enqueue']],
  );
});

test('a vassal that an operator stopped stays so whatever happens to its file, until an operator starts it', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'stop' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.happen({ type: 'file-changed' }).exit(0).phase, 'stopped');
  for (const type of ['file-changed', 'reload', 'forgive'] as const) life.happen({ type });
  assert.deepEqual([life.phase, life.waiting], ['stopped', false]);
  assert.deepEqual([life.happen({ type: 'start' }).phase, life.waiting], ['queued', true]);
});

test('a vassal that does not run can be stopped too', () => {
  assert.equal(new Life().happen({ type: 'stop' }).phase, 'stopped');
  assert.equal(new Life(true).happen({ type: 'stop' }).phase, 'stopped');
  assert.equal(new Life().launch().exit(2).happen({ type: 'stop' }).phase, 'stopped');
  assert.equal(new Life().happen({ type: 'stop' }).happen({ type: 'file-removed' }).phase, 'removed');
});

test('a vassal that is restarted ends and begins, whatever it is doing', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'restart' });
  assert.deepEqual([life.phase, life.exit(0).phase], ['stopping', 'queued']);
  assert.equal(life.launch().exit(2).happen({ type: 'restart' }).phase, 'queued');
});
