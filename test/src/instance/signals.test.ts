import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { startInstance } from './project.ts';

test('SIGUSR1 prints the configuration and what every worker has done', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['processes = 2']);
  await ask(port, 'GET /');
  const mark = vassal.log.mark();
  vassal.signal('SIGUSR1');
  await vassal.waitForLog(/^\tworker 2 app 0 \[\] requests: \d exceptions: 0$/, mark);
  const lines = vassal.log.lines.slice(mark);
  assert.ok(lines.includes(';uWSGI instance configuration') && lines.includes('processes = 2'), lines.join('\n'));
  assert.ok(lines.includes('\tworkers total requests: 1'), lines.join('\n'));
});

test('SIGTSTP pauses and resumes: requests wait meanwhile', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, []);
  await ask(port, 'GET /');
  vassal.signal('SIGTSTP');
  await vassal.waitForLog(
    / - \*\*\* PAUSE \(press start to resume, if you do not have a joypad send SIGTSTP\) \*\*\*$/,
  );
  await vassal.waitForLog(/ - \*\*\* worker 1 suspended \*\*\*$/);
  const waiting = ask(port, 'GET /while-paused');
  vassal.signal('SIGTSTP');
  await vassal.waitForLog(/ - \*\*\* \(SIGTSTP received\) resuming workers \*\*\*$/);
  await vassal.waitForLog(/ - \*\*\* worker 1 resumed \*\*\*$/);
  assert.equal((await waiting).status, 200);
});

test('a reload tells of itself in the lines scripts wait for', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, []);
  const mark = vassal.log.mark();
  vassal.signal('SIGHUP');
  await vassal.waitForLog(/^gracefully \(RE\)spawned uWSGI master process \(pid: \d+\)$/, mark);
  await vassal.waitForLog(/^worker 1 buried after \d+ seconds$/, mark);
  for (const line of [
    /^\.\.\.gracefully killing workers\.\.\.$/,
    /^Gracefully killing worker 1 \(pid: \d+\)\.\.\.$/,
    /^binary reloading uWSGI\.\.\.$/,
    /^\[uWSGI\] getting INI configuration from uwsgi\.ini$/,
    /^uwsgi socket 0 inherited INET address 127\.0\.0\.1:\d+ fd \d+$/,
  ])
    assert.ok(vassal.log.find(line, mark), `${String(line)} in\n${vassal.log.tail(30)}`);
});

const SLOW_APP = `
import time

def application(environ, start_response):
    print('begun', flush=True)
    time.sleep(0.5)
    start_response('200 OK', [])
    return [b'done']
`;

test('SIGTERM drains and exits: what has begun is answered', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('slow.py', SLOW_APP);
  const vassal = await rig.vassal(['--master', '--http-socket', `127.0.0.1:${port}`, '--module', 'slow']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  const slow = ask(port, 'GET /');
  await vassal.waitForLog(/^begun$/);
  vassal.signal('SIGTERM');
  assert.equal((await slow).body.toString(), 'done');
  assert.deepEqual(await vassal.waitForExit(), { code: 0, signal: null });
  assert.ok(vassal.log.find(/^goodbye to uWSGI\.$/), vassal.log.tail());
});

test('master-fifo answers the letters about pid files, fifos and what there is not', async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^(?:fifo|other|pid)$/ });
  const { vassal } = await startInstance(rig, ['master-fifo = fifo', 'master-fifo = other', 'pidfile = pid']);
  const started = vassal.log.mark();
  rig.write('fifo', 'P');
  await vassal.waitForLog(/^writing pidfile to pid$/, started);
  rig.write('fifo', '0');
  await vassal.waitForLog(/ - active master fifo is now fifo$/);
  rig.write('fifo', 'B');
  await vassal.waitForLog(/^\[broodlord\] /);
});
