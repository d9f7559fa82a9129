import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { isAlive, lookUp } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { startInstance, writeApp } from './project.ts';

/** A configuration that may not come to serve. */
async function layOut(rig: Rig, lines: readonly string[]): Promise<void> {
  writeApp(rig, 'first');
  const head = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${await rig.port()}`, 'module = app'];
  rig.write('uwsgi.ini', [...head, ...lines, ''].join('\n'));
}

test('wait-for-* hold the start until what they name is there', async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  const waits = [
    'wait-for-interface = lo',
    'wait-for-dir = /',
    'wait-for-file = here',
    `wait-for-socket = 127.0.0.1:${port}`,
  ];
  await layOut(rig, waits);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^waiting for interface lo \(max 60 seconds\) \.\.\.$/);
  await vassal.waitForLog(/^waiting for here \(max 60 seconds\) \.\.\.$/);
  rig.write('here', '');
  await vassal.waitForLog(/ - here found$/);
  await vassal.waitForLog(/ - \/ found$/);
  await vassal.waitForLog(/^waiting for 127\.0\.0\.1:\d+ \(max 60 seconds\) \.\.\.$/);
  assert.ok(vassal.log.find(/^spawned/) === undefined);
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  server.close();
});

test('wait-for-mountpoint and wait-for-fs-timeout refuse the start when nothing comes', async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('plain'));
  await layOut(rig, ['wait-for-mountpoint = plain', 'wait-for-fs-timeout = 1']);
  const vassal = await rig.vassal(['uwsgi.ini']);
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(vassal.log.find(/^plain unavailable after \d seconds$/), vassal.log.tail());
});

test('a vassal that waits for something can be stopped', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  await layOut(rig, ['wait-for-file = never']);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^waiting for never /);
  assert.deepEqual(await vassal.stop('SIGTERM'), { code: 0, signal: null });
});

test('flock lets one instance run, flock-wait waits for its end', async (t) => {
  await using rig = Rig.open(t);
  rig.write('lock', '');
  const { vassal } = await startInstance(rig, ['flock = lock']);
  await layOut(rig, ['flock = lock']);
  const second = await rig.vassal(['uwsgi.ini']);
  assert.equal((await second.waitForExit()).code, 1);
  await layOut(rig, ['flock-wait = lock']);
  const third = await rig.vassal(['uwsgi.ini']);
  await vassal.stop();
  await third.waitForLog(/^spawned uWSGI worker 1 /);
});

test('limits, priority, names, files and shells are as the options say', async (t) => {
  await using rig = Rig.open(t);
  rig.write('shell', '#!/bin/sh\necho "the shell: $2"\n');
  chmodSync(rig.path('shell'), 0o755);
  const limits = ['max-fd = 500', 'limit-nproc = 5000', 'prio = 5'];
  const names = ['auto-procname = true', 'procname-master = the boss'];
  const { vassal } = await startInstance(rig, [
    ...limits,
    ...names,
    'file-write = written=some=text',
    'binsh = /no/such/shell',
    `binsh = ${rig.path('shell')}`,
    'exec-pre-app = a command',
  ]);
  const [, worker] = await vassal.waitForLog(/^spawned uWSGI worker 1 \(pid: (\d+), /);
  const of = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'latin1');
  assert.match(of(Number(worker), 'limits'), /^Max open files +500 /m);
  assert.match(of(Number(worker), 'limits'), /^Max processes +5000 /m);
  assert.match(of(Number(worker), 'stat'), /(?: -?\d+){15} 5 /);
  assert.equal(lookUp(vassal.pid)?.commandLine, 'the boss');
  // The worker is announced as soon as it is forked; its name is the first thing it sees to.
  await until('the worker has its name', () => lookUp(Number(worker))?.commandLine === 'uWSGI worker 1');
  assert.equal(readFileSync(rig.path('written'), 'utf8'), 'some=text\n');
  assert.ok(vassal.log.find(/^the shell: a command$/), vassal.log.tail(30));
});

test('hooks run at their moments: in every worker, when files are touched, at the end', async (t) => {
  await using rig = Rig.open(t);
  for (const name of ['first', 'second']) rig.write(name, '');
  const { vassal } = await startInstance(rig, [
    'processes = 2',
    'hook-post-fork = print:forked',
    'hook-accepting = print:accepts',
    'hook-accepting1-once = print:the first',
    'hook-touch = first print:touched',
    'touch-exec = second echo commanded',
    'hook-as-user-atexit = print:at the end',
  ]);
  await until('both workers had theirs', () => vassal.log.all(/^accepts$/).length === 2);
  assert.equal(vassal.log.all(/^forked$/).length, 2);
  assert.equal(vassal.log.all(/^the first$/).length, 1);
  const [, id, pid] = await vassal.waitForLog(/^spawned uWSGI worker (1) \(pid: (\d+)/);
  process.kill(Number(pid), 'SIGKILL');
  await vassal.waitForLog(new RegExp(`^Respawned uWSGI worker ${id} `));
  await until('its successor had its own', () => vassal.log.all(/^accepts$/).length === 3);
  const future = new Date(Date.now() + 5000);
  for (const name of ['first', 'second']) utimesSync(rig.path(name), future, future);
  await vassal.waitForLog(/^running "print:touched" \(touch\)\.\.\.$/);
  await vassal.waitForLog(/^touched$/);
  await vassal.waitForLog(/ - \[uwsgi-touch-exec\] running echo commanded$/);
  await vassal.waitForLog(/^commanded$/);
  await vassal.stop();
  await vassal.waitForLog(/^at the end$/);
  assert.equal(vassal.log.all(/^the first$/).length, 1);
});

test('a hook that fails refuses the start, and its command speaks after it is announced', async (t) => {
  await using rig = Rig.open(t);
  await layOut(rig, ['exec-pre-app = echo speaks >&2; exit 3']);
  const vassal = await rig.vassal(['uwsgi.ini']);
  assert.equal((await vassal.waitForExit()).code, 1);
  const announced = vassal.log.lines.indexOf('running "echo speaks >&2; exit 3" (pre app)...');
  assert.equal(vassal.log.lines[announced + 1], 'speaks');
  assert.ok(vassal.log.find(/command "echo speaks >&2; exit 3" exited with non-zero code: 3$/), vassal.log.tail());
});

test('check-mountpoint ends the instance when a file system is gone', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, ['check-mountpoint = /no/such/mountpoint']);
  await vassal.waitForLog(/ - mountpoint \/no\/such\/mountpoint failed, triggering detonation\.\.\.$/);
  assert.equal((await vassal.waitForExit()).code, 1);
});

const WHO = `
import os
loaded_as = os.getuid()

def application(environ, start_response):
    start_response('200 OK', [])
    return [repr((loaded_as, os.getuid(), os.getgid())).encode()]
`;

for (const [option, answer, master] of [
  ['master-as-root', '(0, 65534, 65534)', 0],
  ['drop-after-init', '(65534, 65534, 65534)', 65_534],
  ['drop-after-apps', '(0, 65534, 65534)', 65_534],
] as const) {
  const skip = process.getuid?.() === 0 ? false : 'only root has privileges to drop';
  test(`${option} drops privileges when it says`, { skip }, async (t) => {
    await using rig = Rig.open(t);
    chmodSync(rig.directory, 0o755);
    const port = await rig.port();
    rig.write('app.py', WHO);
    const options = ['uid = 65534', 'gid = 65534', `${option} = true`];
    rig.write(
      'uwsgi.ini',
      ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app', ...options, ''].join('\n'),
    );
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(/^spawned uWSGI worker 1 /);
    assert.equal((await ask(port, 'GET /')).body.toString(), answer);
    assert.match(readFileSync(`/proc/${vassal.pid}/status`, 'latin1'), new RegExp(`^Uid:\\s+${master}\\s`, 'm'));
    assert.ok(isAlive(vassal.pid));
  });
}
