import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Life } from '../testing/life.ts';

test('a reload that is never answered ends after a while', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'reload' });
  life.after(60_000).happen({ type: 'deadline' });
  assert.equal(life.phase, 'ready');
});

test('a further edit does not wait for ever for the answer to a reload', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-changed' }).happen({ type: 'file-changed' });
  life.after(3000).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.lastActions], ['reloading', ['send-reload']]);
});

test('a vassal that stops sending heartbeats is killed and started again', () => {
  const life = new Life().launch().say('accepting', 'heartbeat').after(4000).say('heartbeat').after(4999);
  assert.equal(life.happen({ type: 'deadline' }).phase, 'ready');
  life.after(1).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['kill']]);
  assert.equal(life.exit().phase, 'cursed');
});
