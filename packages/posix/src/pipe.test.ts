import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readSync } from 'node:fs';
import test from 'node:test';

import { closeDescriptor } from './descriptor.ts';
import { createPipe } from './pipe.ts';

test('createPipe makes what a program can open again by the name of its standard output', async () => {
  const [reader, writer] = createPipe();
  const child = spawn('sh', ['-c', 'echo anew > /dev/stdout'], { stdio: ['ignore', writer, 'inherit'] });
  closeDescriptor(writer);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  const bytes = new Uint8Array(100);
  const length = readSync(reader, bytes);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, length)), 'anew\n');
  closeDescriptor(reader);
});
