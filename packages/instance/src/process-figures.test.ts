import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import { ProcessMeter } from './process-figures.ts';

test('ProcessMeter lists a process and those below it, and does not look again at once', async () => {
  const child = spawn('sh', ['-c', `sh -c 'echo; read _'; exit 0`], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const root = child.pid ?? 0;
  const meter = new ProcessMeter(root, () => new Map([[root, 'the first']]));
  const { processes, memory } = meter.read(10_000);
  assert.deepEqual(
    processes.map(({ role, parent }) => [role, parent]),
    [
      ['the first', process.pid],
      ['sh', root],
    ],
  );
  assert.ok(memory.privateBytes > 50_000 && memory.privateBytes < 5_000_000, `${memory.privateBytes} bytes`);
  assert.ok(memory.rssBytes > memory.privateBytes, `${memory.rssBytes} bytes`);
  child.stdin.end();
  await once(child, 'exit');
  assert.equal(meter.read(11_000).processes.length, 2);
  assert.deepEqual(meter.read(13_000), { processes: [], memory: { privateBytes: 0, rssBytes: 0 }, cpuSeconds: 0 });
});

test('ProcessMeter counts CPU time', () => {
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 50_000);
  const { user, system } = process.cpuUsage();
  const { cpuSeconds } = new ProcessMeter(process.pid, () => new Map()).read(0);
  assert.ok(cpuSeconds >= (user + system) / 1e6 - 0.02, `${cpuSeconds} s`);
});
