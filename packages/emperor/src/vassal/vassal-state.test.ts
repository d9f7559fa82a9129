import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Life } from '../testing/life.ts';

test('a vassal gets from its file to loyalty', () => {
  const life = new Life();
  const phases = [life.phase];
  life.launch();
  phases.push(life.phase);
  for (const word of ['spawned', 'accepting', 'loyal'] as const) phases.push(life.say(word).phase);
  assert.deepEqual(phases, ['queued', 'starting', 'spawned', 'ready', 'loyal']);
});

test('a vassal on demand runs when somebody connects, and waits again when it has ended in peace', () => {
  const life = new Life(true);
  assert.deepEqual([life.phase, life.waiting], ['waiting', false]);
  life.happen({ type: 'connection' }).launch().say('accepting', 'loyal').exit(0);
  assert.deepEqual([life.phase, life.lastActions, life.state.failures], ['waiting', ['await-connection'], 0]);
  life.happen({ type: 'connection' }).launch().say('accepting', 'stop-me');
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.exit(0).phase, 'waiting');
});
