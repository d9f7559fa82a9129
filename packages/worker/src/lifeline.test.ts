import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const VASSAL = fileURLToPath(new URL('../fixtures/vassal.mjs', import.meta.url));

/** Whether the process exists and is no zombie that waits for its new parent. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

test('nothing below a killed vassal is left, even when it is busy and blocks signals', async () => {
  const vassal = spawn(process.execPath, [VASSAL, 'blocks_every_signal'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(vassal.stdout), 'line')) as [string];
  const pids = JSON.parse(line) as number[];
  assert.equal(pids.filter(isRunning).length, 3);
  vassal.kill('SIGKILL');
  await once(vassal, 'exit');
  const deadline = performance.now() + 5000;
  while (pids.some(isRunning) && performance.now() < deadline) await delay(5);
  assert.deepEqual(pids.filter(isRunning), []);
});
