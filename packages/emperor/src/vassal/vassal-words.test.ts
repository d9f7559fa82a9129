import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Life, POLICY } from '../testing/life.ts';
import { deadlineOf } from './vassal-deadline.ts';

test('a vassal that refuses its new configuration goes on, until an edit', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-changed' }).say('reload-refused');
  assert.equal(life.phase, 'invalid');
  assert.equal(life.happen({ type: 'file-changed' }).say('accepting').phase, 'ready');
});

test('a vassal that never sent a heartbeat may be silent', () => {
  const life = new Life().launch().say('accepting');
  assert.equal(deadlineOf(life.state, POLICY), undefined);
});

test('a vassal that asks to be stopped is stopped, and starts again as if it had died', () => {
  const life = new Life().launch().say('accepting', 'stop-me');
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.exit(0).phase, 'cursed');
});

test('a vassal that goes on asking for help is heard now and then', () => {
  const life = new Life().launch();
  life.say('accepting', 'overloaded');
  const asked = life.state.helpAskedAt;
  assert.notEqual(asked, undefined);
  assert.equal(life.after(1000).say('overloaded').state.helpAskedAt, asked);
  assert.equal(life.after(9000).say('overloaded').state.helpAskedAt, life.now);
});
