import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { Load, statusOf } from './testing/load.ts';
import { Run } from './testing/run.ts';

const APP = `
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'hello']
`;

let root: string;
let run: Run;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-demand-')));
  writeFileSync(join(root, 'app.py'), APP);
});

afterEach(async () => {
  assert.equal(await run.stop('SIGTERM'), 0);
  rmSync(root, { recursive: true, force: true });
});

function start(emperorSection: string, more = ''): Run {
  const ini = `[uwsgi]\nmaster = true\nhttp-socket = %dapp.sock\nmodule = app\n${more}\n[emperor]\n${emperorSection}\n`;
  writeFileSync(join(root, 'a.ini'), ini);
  return new Run(root, '--glob', '*.ini');
}

test('a vassal on demand starts at the first request, which waits, and goes when it is idle', async () => {
  run = start('on-demand = app.sock\nidle = 1');
  await run.event('vassal-waiting');
  assert.ok(!run.lines.some(({ event }) => event === 'vassal-launched'));
  assert.equal(await statusOf(join(root, 'app.sock')), 200);
  const { pid } = await run.event('vassal-launched');
  await run.event('vassal-exited');
  await run.until(() => run.lines.filter(({ event }) => event === 'vassal-waiting').length === 2);
  assert.equal(await statusOf(join(root, 'app.sock')), 200);
  const again = run.lines.findLast(({ event }) => event === 'vassal-launched');
  assert.notEqual(again?.pid, pid);
});

test('a vassal whose socket is held is killed again and again, and no request is refused', async () => {
  run = start('hold = app.sock');
  await run.event('vassal-ready');
  const load = new Load(join(root, 'app.sock'));
  await load.answers(20);
  for (let round = 0; round < 3; round += 1) {
    const mark = run.lines.length;
    process.kill(run.lines.findLast(({ event }) => event === 'vassal-launched')?.pid ?? 0, 'SIGKILL');
    await run.event('vassal-ready', 'a.ini', mark);
    await load.answers(20);
  }
  await load.stop();
  // What was under way dies with its process; what came after it waits for the next one.
  assert.ok(load.failures.length <= 3, load.failures.join(', '));
  assert.ok(
    load.failures.every((failure) => !/ECONNREFUSED|ENOENT/.test(failure)),
    load.failures.join(', '),
  );
});
