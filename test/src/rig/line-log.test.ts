import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LineLog } from './line-log.ts';

const aWhileMs = 1000;

test('LineLog cuts output into lines, for each source by itself', () => {
  const log = new LineLog();
  log.write('out', 'one\ntw');
  log.write('err', 'thr');
  log.write('out', 'o\n');
  log.write('err', 'ee\n');
  assert.deepEqual(log.lines, ['one', 'two', 'three']);
});

test('LineLog keeps a last line without its end', () => {
  const log = new LineLog();
  log.write('out', 'half');
  log.end('it ended');
  assert.deepEqual(log.lines, ['half']);
});

test('LineLog finds a line that is there already, and one that comes', async () => {
  const log = new LineLog();
  log.write('out', 'port 80\n');
  assert.equal((await log.waitFor(/port (\d+)/, 0, aWhileMs))[1], '80');
  const later = log.waitFor(/port (\d+)/, log.mark(), aWhileMs);
  log.write('out', 'nothing\nport 81\n');
  assert.equal((await later)[1], '81');
});

test('LineLog fails who waits as soon as nothing more can come', async () => {
  const log = new LineLog();
  const inVain = assert.rejects(log.waitFor(/never/, 0, aWhileMs), /it ended without the log line/);
  log.end('it ended');
  await inVain;
  await assert.rejects(log.waitFor(/never/, 0, aWhileMs), /it ended without the log line/);
});

test('LineLog fails who has waited long enough', async () => {
  await assert.rejects(new LineLog().waitFor(/never/, 0, 1), /waited 1 ms in vain for the log line/);
});
