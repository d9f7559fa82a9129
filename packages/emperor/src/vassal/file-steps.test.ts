import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Life, POLICY } from '../testing/life.ts';
import { deadlineOf } from './vassal-deadline.ts';

test('an edit starts a cursed vassal at once and forgives it', () => {
  const life = new Life().launch().exit().happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.state.failures], ['queued', 0]);
});

test('an edit reloads a running vassal', () => {
  const life = new Life().launch().say('spawned', 'accepting', 'loyal').happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.lastActions], ['reloading', ['send-reload']]);
  assert.equal(life.say('spawned', 'accepting').phase, 'ready');
});

test('an edit during a reload makes another reload after it', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-changed' }).happen({ type: 'file-changed' });
  assert.deepEqual(life.lastActions, []);
  life.say('accepting');
  assert.deepEqual([life.phase, life.lastActions], ['reloading', ['send-reload']]);
  assert.equal(life.say('accepting').phase, 'ready');
});

test('an edit of a vassal that starts restarts it, with SIGTERM since it may not listen yet', () => {
  const life = new Life().launch().happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop', 'terminate']]);
  assert.deepEqual([life.exit(0).phase, life.waiting], ['queued', true]);
});

test('an edit of a router of a real uWSGI, which never accepts, reloads it without waiting for a word', () => {
  const life = new Life().launch().say('spawned').happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.lastActions], ['spawned', ['send-reload']]);
});

test('a vassal whose file is gone is stopped, and killed when it does not end', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-removed' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  life.after(30_000).happen({ type: 'deadline' });
  assert.deepEqual([life.lastActions, deadlineOf(life.state, POLICY)], [['kill'], undefined]);
  assert.equal(life.exit().phase, 'removed');
});

test('a vassal whose file comes back while it stops starts again without a wait', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-removed' }).happen({ type: 'file-returned' });
  assert.deepEqual([life.exit(0).phase, life.waiting], ['queued', true]);
});

test('a vassal whose socket becomes another one is started anew, or waits at that one', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'socket-changed', onDemand: true });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.exit(0).phase, 'waiting');
  life.happen({ type: 'socket-changed', onDemand: true });
  assert.deepEqual([life.phase, life.lastActions], ['waiting', ['ignore-connections', 'await-connection']]);
  life.happen({ type: 'socket-changed', onDemand: false });
  assert.deepEqual([life.phase, life.waiting], ['queued', true]);
});

test('a vassal that waits for its turn leaves the queue when its file is gone', () => {
  const life = new Life().happen({ type: 'file-removed' });
  assert.deepEqual([life.phase, life.waiting], ['removed', false]);
});
