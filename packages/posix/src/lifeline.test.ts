import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';

import { Lifeline } from './lifeline.ts';

test('Lifeline ends a process group, children included, when our end of it vanishes', async () => {
  const lifeline = new Lifeline();
  const child = spawn('sh', ['-c', 'sleep 60; :'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', lifeline.inherited],
  });
  assert.ok(child.pid !== undefined);
  lifeline.tie(child.pid);
  const outputEnded = once(child.stdout ?? child, 'close');
  lifeline.release();
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGIO']);
  await outputEnded; // sleep held the pipe as well
});
