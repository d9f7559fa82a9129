import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EmperorWords } from './emperor-words.ts';

test('EmperorWords understands the bytes of uWSGI, and the one of ours', () => {
  assert.deepEqual(new EmperorWords().hear(Uint8Array.of(1, 5, 17, 22, 26, 40)), [
    'spawned',
    'accepting',
    'loyal',
    'stop-me',
    'heartbeat',
    'reload-refused',
  ]);
});

test('EmperorWords puts up with some unknown words, not with a flood of them', () => {
  const words = new EmperorWords();
  assert.deepEqual(words.hear(new Uint8Array(1000)), []);
  assert.ok(!words.isBabbling);
  words.hear(Uint8Array.of(200));
  assert.ok(words.isBabbling);
});
