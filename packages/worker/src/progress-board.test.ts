import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';
import test from 'node:test';

import { ProgressBoard } from './progress-board.ts';

test('ProgressBoard reads what the threads of a worker have noted', () => {
  const board = new ProgressBoard(2, 3);
  board.take();
  const offset = board.take();
  const words = Uint32Array.of(7, 1, 9, 0);
  writeSync(board.descriptor, Buffer.from(words.buffer), 0, 16, offset);
  assert.deepEqual(board.read(offset), { begun: new Set([7, 9]), running: new Set([7]) });
  board.close();
});

test('ProgressBoard gives regions out once until they are given back', () => {
  const board = new ProgressBoard(1, 2);
  const offsets = [board.take(), board.take(), board.take()];
  assert.deepEqual(offsets, [0, 8, 16]);
  assert.equal(board.read(16), undefined, 'the last one had to do without');
  board.giveBack(16);
  board.giveBack(8);
  assert.equal(board.take(), 8);
  board.close();
});
