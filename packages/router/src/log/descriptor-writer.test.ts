import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { createDescriptorWriter } from './descriptor-writer.ts';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** More than a pipe holds. */
const LARGE = Buffer.alloc(300_000, 'x');

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'emperor-writer-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function openPipe(): { readEnd: number; writeEnd: number } {
  const fifo = path.join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const readEnd = openSync(fifo, O_RDONLY | O_NONBLOCK);
  return { readEnd, writeEnd: openSync(fifo, O_WRONLY | O_NONBLOCK) };
}

/** Reads what is in the pipe. */
function drain(descriptor: number): string {
  const buffer = Buffer.alloc(100_000);
  let text = '';
  try {
    for (;;) {
      const count = readSync(descriptor, buffer);
      if (count === 0) return text;
      text += buffer.toString('latin1', 0, count);
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    return text;
  }
}

test('a writer to a pipe waits for its reader without holding anything up', async () => {
  const { readEnd, writeEnd } = openPipe();
  const writer = createDescriptorWriter(writeEnd, true);
  let outcome: Error | 'done' | undefined;
  writer.write(LARGE, (error) => {
    outcome = error ?? 'done';
  });
  assert.equal(outcome, undefined);
  let read = '';
  const keepAlive = setInterval(() => {
    read += drain(readEnd);
  }, 1);
  while (read.length < LARGE.length) await new Promise((resolve) => setTimeout(resolve, 1));
  clearInterval(keepAlive);
  assert.equal(read, LARGE.toString());
  assert.equal(outcome, 'done');
  writer.close();
  closeSync(readEnd);
});

test('a writer to a pipe that nobody reads gives up a synchronous write', () => {
  const { readEnd, writeEnd } = openPipe();
  const writer = createDescriptorWriter(writeEnd, true);
  assert.throws(() => writer.writeSync(LARGE), /nothing reads from it/);
  writer.close();
  closeSync(readEnd);
});

test('a writer to a pipe writes the rest of a write under way before a synchronous one', () => {
  const { readEnd, writeEnd } = openPipe();
  const writer = createDescriptorWriter(writeEnd, true);
  const first = Buffer.alloc(70_000, 'a');
  writer.write(first, () => {});
  const taken = drain(readEnd);
  writer.writeSync(Buffer.from('end'));
  assert.equal(taken + drain(readEnd), `${first.toString()}end`);
  writer.close();
  closeSync(readEnd);
});

test('a writer to a pipe whose reader is gone says so', async () => {
  const { readEnd, writeEnd } = openPipe();
  closeSync(readEnd);
  const writer = createDescriptorWriter(writeEnd, true);
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  writer.write(Buffer.from('x'), resolve);
  assert.equal((await promise)?.code, 'EPIPE');
  writer.close();
});

test('a writer to a file keeps the order of a write under way and a synchronous one', async () => {
  const file = path.join(directory, 'file');
  const writer = createDescriptorWriter(openSync(file, 'a'), false);
  const { promise, resolve } = Promise.withResolvers<void>();
  writer.write(LARGE, () => {
    resolve();
  });
  writer.writeSync(Buffer.from('end'));
  await promise;
  assert.equal(readFileSync(file, 'latin1'), `${LARGE.toString()}end`);
  writer.close();
});

test('a writer to a full device says so', async () => {
  const writer = createDescriptorWriter(openSync('/dev/full', 'a'), false);
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  writer.write(Buffer.from('x'), resolve);
  assert.equal((await promise)?.code, 'ENOSPC');
  writer.close();
});
