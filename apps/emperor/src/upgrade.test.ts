import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { Load, statusOf } from './testing/load.ts';
import { LAUNCHER, Run } from './testing/run.ts';
import { isRunning, putSite } from './testing/site.ts';

let root: string;
const runs = new Set<Run>();
const pids = new Set<number>();
const loads = new Set<Load>();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-upgrade-')));
});

afterEach(async () => {
  for (const load of loads) await load.stop();
  loads.clear();
  for (const run of runs) await run.stop('SIGKILL');
  const left = [...pids].filter(isRunning);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  runs.clear();
  pids.clear();
  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(left, [], 'vassals left running');
});

function start(...args: string[]): Run {
  const run = new Run(root, '--glob', '*/uwsgi.ini', ...args);
  run.process.stderr?.on('data', () => {
    for (const { event, pid } of run.lines) if (event === 'vassal-launched' && pid !== undefined) pids.add(pid);
  });
  runs.add(run);
  return run;
}

async function command(...args: string[]): Promise<{ code: number; text: string }> {
  const child = spawn(LAUNCHER, [...args, '--runtime-dir', join(root, 'run')]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}

test('emperor upgrade gives the same process to a new emperor: vassals keep theirs, and no request fails', async () => {
  const names = [putSite(root, 'a'), putSite(root, 'b', ['hold = b/app.sock'])];
  const waiting = putSite(root, 'c', ['on-demand = c/app.sock']);
  const run = start();
  const before = await Promise.all(names.map(async (name) => (await run.event('vassal-ready', name)).pid));
  await run.event('vassal-waiting', waiting);
  for (const name of ['a', 'b']) loads.add(new Load(join(root, name, 'app.sock')));
  const answers = (count: number): Promise<unknown> => Promise.all([...loads].map((load) => load.answers(count)));
  await answers(20);
  const mark = run.lines.length;
  const { code, text } = await command('upgrade');
  assert.deepEqual([code, text], [0, `the new emperor has taken over (pid: ${run.process.pid})\n`]);
  await answers(20);
  const after = await Promise.all(names.map(async (name) => (await run.event('vassal-adopted', name, mark)).pid));
  assert.deepEqual(after, before);
  assert.equal(await statusOf(join(root, 'c/app.sock')), 200);
  for (const load of loads) await load.stop();
  assert.deepEqual(
    [...loads].flatMap(({ failures }) => failures),
    [],
  );
  const killed = run.lines.length;
  process.kill(before[0] ?? 0, 'SIGKILL');
  assert.match((await run.event('vassal-exited', names[0], killed)).msg, /killed by SIGKILL/);
  await run.event('vassal-ready', names[0], killed);
  assert.equal(await run.stop('SIGTERM'), 0);
  assert.ok(!existsSync(join(root, 'run')));
});

test('a held socket comes back to the emperor that adopts its vassal: nobody is refused when that is killed', async () => {
  const name = putSite(root, 'a', ['hold = a/app.sock']);
  const first = start();
  const { pid = 0 } = await first.event('vassal-ready', name);
  await first.stop('SIGKILL');
  const second = start('--emperor-throttle', '1000');
  await second.event('vassal-ready', name);
  process.kill(pid, 'SIGKILL');
  await second.event('vassal-exited', name);
  assert.equal(await statusOf(join(root, 'a/app.sock')), 200);
  assert.equal(await second.stop('SIGTERM'), 0);
});

test('what a vassal writes while there is no emperor is in the log of the next one', async () => {
  const name = putSite(root, 'a');
  const first = start();
  await first.event('vassal-ready', name);
  await first.stop('SIGKILL');
  assert.equal(await statusOf(join(root, 'a/app.sock'), '/?in-between'), 200);
  const second = start();
  await second.until(() =>
    second.lines.some(({ event, msg }) => event === 'vassal-output' && /GET \/\?in-between/.test(msg)),
  );
  await second.until(() =>
    second.lines.some(({ event, msg }) => event === 'vassal-output' && /served in-between/.test(msg)),
  );
  assert.equal(await second.stop('SIGTERM'), 0);
});

test('a vassal that an operator stopped stays so under the next emperor, until an operator starts it', async () => {
  const name = putSite(root, 'a');
  const first = start();
  await first.event('vassal-ready', name);
  assert.equal((await command('stop', name)).code, 0);
  assert.equal(await first.stop('SIGTERM'), 0);
  const second = start();
  await second.until(() => second.lines.some(({ event }) => event === 'emperor-started'));
  assert.match((await command('status')).text, /a\/uwsgi\.ini +stopped/);
  assert.equal((await command('start', name)).code, 0);
  assert.equal(await second.stop('SIGTERM'), 0);
  assert.ok(!existsSync(join(root, 'run')));
});
