import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { test } from 'node:test';

import { closeDescriptor, createPipe } from '@emperor/posix';

import { afterPatience } from './last-lines.ts';

test('afterPatience lets be read what is there, however late it is noticed that the time is over', async () => {
  const [readEnd, writeEnd] = createPipe();
  const stream = new Socket({ fd: readEnd });
  try {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += String(chunk)));
    const finished = new Promise<string>((resolve) => afterPatience(() => resolve(text)));
    writeSync(writeEnd, 'the last line\n');
    holdUp(200);
    assert.equal(await finished, 'the last line\n');
  } finally {
    stream.destroy();
    closeDescriptor(writeEnd);
  }
});

test('afterPatience can be called off', async () => {
  let isFinished = false;
  const callOff = afterPatience(() => (isFinished = true));
  holdUp(200);
  callOff();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isFinished, false);
});

/** As on a machine that has no time for this process. */
function holdUp(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
