import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { Load, statusOf } from './testing/load.ts';
import { Run, type Line } from './testing/run.ts';

const APP = `
import os
def application(environ, start_response):
    print('served', environ['QUERY_STRING'])
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(os.getppid()).encode()]
`;

let root: string;
const runs = new Set<Run>();
const pids = new Set<number>();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-outlive-')));
});

afterEach(async () => {
  for (const run of runs) await run.stop('SIGKILL');
  const left = [...pids].filter(isRunning);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  runs.clear();
  pids.clear();
  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(left, [], 'vassals left running');
});

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}

async function untilGone(...gone: number[]): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (gone.some(isRunning)) {
    assert.ok(performance.now() < deadline, 'still running');
    await new Promise(setImmediate);
  }
}

function site(name: string): string {
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, 'app.py'), APP);
  const ini = '[uwsgi]\nmaster = true\nchdir = %d\nhttp-socket = %dapp.sock\nvacuum = true\nmodule = app\n';
  writeFileSync(join(root, name, 'uwsgi.ini'), ini);
  return `${name}/uwsgi.ini`;
}

function touch(name: string): void {
  const moment = new Date(Date.now() - 5000);
  utimesSync(join(root, name), moment, moment);
}

function start(...args: string[]): Run {
  const run = new Run(root, '--glob', '*/uwsgi.ini', ...args);
  run.process.stderr?.on('data', () => {
    for (const { event, pid } of run.lines) if (event === 'vassal-launched' && pid !== undefined) pids.add(pid);
  });
  runs.add(run);
  return run;
}

/** The process of each vassal, once all accept. */
async function ready(run: Run, names: readonly string[], from = 0): Promise<number[]> {
  const lines: Line[] = await Promise.all(names.map((name) => run.event('vassal-ready', name, from)));
  return lines.map(({ pid = 0 }) => pid);
}

test('vassals outlive an emperor that is killed under load; the next one adopts, reloads, respawns and stops them', async () => {
  const names = ['a', 'b', 'c'].map(site);
  const [a = '', b = '', c = ''] = names;
  const first = start();
  const before = await ready(first, names);
  const loads = ['a', 'b', 'c'].map((name) => new Load(join(root, name, 'app.sock')));
  await Promise.all(loads.map((load) => load.answers(50)));
  await first.stop('SIGKILL');
  await Promise.all(loads.map((load) => load.answers(100)));

  const second = start();
  assert.deepEqual(await ready(second, names), before);
  await Promise.all(loads.map((load) => load.answers(100)));
  for (const load of loads) await load.stop();
  assert.deepEqual(
    loads.flatMap(({ failures }) => failures),
    [],
  );
  assert.ok(!second.lines.some(({ event }) => event === 'vassal-launched'), second.text);
  await second.until(() => second.lines.some(({ event, msg }) => event === 'vassal-output' && /GET \//.test(msg)));

  let mark = second.lines.length;
  process.kill(before[0] ?? 0, 'SIGKILL');
  await second.event('vassal-exited', a, mark);
  const [respawned] = await ready(second, [a], mark);
  assert.notEqual(respawned, before[0]);
  assert.equal(await statusOf(join(root, 'a/app.sock')), 200);

  mark = second.lines.length;
  touch(b);
  await second.event('vassal-reloading', b, mark);
  assert.deepEqual(await ready(second, [b], mark), [before[1]]);

  rmSync(join(root, c));
  await second.event('vassal-removed', c);
  await untilGone(before[2] ?? 0);

  assert.equal(await second.stop('SIGTERM'), 0);
  assert.ok(!existsSync(join(root, 'run')));
});

test('an emperor that adopts does what happened to the files meanwhile', async () => {
  const names = ['changed', 'gone', 'kept'].map(site);
  const [changed = '', gone = '', kept = ''] = names;
  const first = start();
  const before = await ready(first, names);
  await first.stop('SIGKILL');
  touch(changed);
  rmSync(join(root, 'gone'), { recursive: true });
  const fresh = site('fresh');

  const second = start();
  await second.event('vassal-reloading', changed);
  await second.event('vassal-removed', gone);
  await ready(second, [fresh]);
  const mark = second.lines.findIndex(({ event }) => event === 'vassal-reloading');
  assert.deepEqual(await ready(second, [changed], mark), [before[0]]);
  assert.deepEqual(
    second.lines.flatMap((line) => (line.vassal === kept && line.event !== 'vassal-output' ? [line.event] : [])),
    ['vassal-adopted', 'vassal-ready'],
  );
  assert.equal(await second.stop('SIGTERM'), 0);
});

test('an emperor leaves its vassals on SIGUSR2; one that would start them otherwise restarts them', async () => {
  const name = site('a');
  const first = start();
  const [before = 0] = await ready(first, [name]);
  assert.equal(await first.stop('SIGUSR2'), 0);
  assert.ok(isRunning(before));

  const second = start('--vassal-set', 'processes=2');
  await second.event('vassal-stopping', name);
  const { pid: fresh } = await second.event('vassal-launched', name);
  const mark = second.lines.findIndex(({ event }) => event === 'vassal-launched');
  assert.deepEqual(await ready(second, [name], mark), [fresh]);
  assert.notEqual(fresh, before);
  await untilGone(before);
  assert.equal(await second.stop('SIGTERM'), 0);
});

test('vassals end with an emperor that is killed when --die-with-emperor says so', async () => {
  const name = site('a');
  const run = start('--die-with-emperor');
  const [pid = 0] = await ready(run, [name]);
  await run.stop('SIGKILL');
  await untilGone(pid);
});
