import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { BatchedLog } from './batched-log.ts';
import { InheritedSink } from './inherited-sink.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'emperor-inherited-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

test('a log on an inherited pipe writes to it and leaves it open', async () => {
  const fifo = path.join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const readEnd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(fifo, constants.O_WRONLY);
  const before = countDescriptors();
  const log = new BatchedLog(new InheritedSink(writeEnd, 'pipe'), assert.fail);
  log.line('hello');
  await log.close();
  const buffer = Buffer.alloc(100);
  assert.equal(buffer.toString('utf8', 0, readSync(readEnd, buffer)), 'hello\n');
  assert.equal(countDescriptors(), before);
  assert.ok(fstatSync(writeEnd).isFIFO());
  closeSync(writeEnd);
  closeSync(readEnd);
});

test('a log on an inherited file writes at its end', async () => {
  const file = path.join(directory, 'file');
  const descriptor = openSync(file, 'a');
  const log = new BatchedLog(new InheritedSink(descriptor, 'file'), assert.fail);
  log.line('one');
  log.flushSync();
  log.line('two');
  await log.close();
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
  assert.ok(fstatSync(descriptor).isFile());
  closeSync(descriptor);
});
