import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { reloaded, startInstance, writeApp } from './project.ts';

test('stats sends one JSON document with the fields uWSGI has', async (t) => {
  await using rig = Rig.open(t);
  const statsPort = await rig.port();
  const { vassal, port } = await startInstance(rig, ['processes = 2', `stats = 127.0.0.1:${statsPort}`]);
  await vassal.waitForLog(/^\*\*\* Stats server enabled on 127\.0\.0\.1:\d+ fd: \d+ \*\*\*$/);
  await ask(port, 'GET /');
  const raw = await text(connect(statsPort, '127.0.0.1'));
  const stats = JSON.parse(raw) as Record<string, unknown> & {
    pid: number;
    workers: Record<string, unknown>[];
    sockets: object[];
  };
  assert.deepEqual(Object.keys(stats).slice(0, 12), [
    'version',
    'listen_queue',
    'listen_queue_errors',
    'signal_queue',
    'load',
    'pid',
    'uid',
    'gid',
    'cwd',
    'locks',
    'sockets',
    'workers',
  ]);
  assert.equal(stats.pid, vassal.pid);
  assert.equal(stats.workers.length, 2);
  assert.equal(
    stats.workers.reduce((sum, worker) => sum + Number(worker['requests']), 0),
    1,
  );
  assert.match(raw, /^\{\n\t"version":/);
});

/** What an instance says from the moment on at which it is told to end. */
async function lastWords(
  t: TestContext,
  lines: readonly string[],
  end: (vassal: Program, control: string) => void,
): Promise<string[]> {
  await using rig = Rig.open(t, { mayLeave: /^control$/ });
  const port = await rig.port();
  writeApp(rig, 'any');
  const text = [
    '[uwsgi]',
    `http = 127.0.0.1:${port}`,
    'master = true',
    'module = app',
    'master-fifo = control',
    ...lines,
    '',
  ];
  rig.write('uwsgi.ini', text.join('\n'));
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI http 1 /);
  await until('the app answers', async () => (await ask(port, 'GET /')).status === 200);
  const mark = vassal.log.mark();
  end(vassal, rig.path('control'));
  assert.deepEqual(await vassal.exited, { code: 0, signal: null });
  const said = vassal.log.lines.slice(mark).map((line) =>
    line
      .replace(/^.* \d{4} - /, 'DATE - ')
      .replace(/\d+\)/, 'P)')
      .replace(/\d+ seconds$/, 'N seconds'),
  );
  // When the gateway has gone is a matter of luck in uWSGI.
  return said.filter((line) => !line.startsWith('[pid: ')).toSorted();
}

const GATEWAY = 'gateway "uWSGI http 1" has been buried (pid: P)';
const WORKER = ['Gracefully killing worker 1 (pid: P)...', 'worker 1 buried after N seconds'];

test('an instance with a router says how it ends: by a signal, and by the letters q and Q of its master-fifo', async (t) => {
  const signalled = ['SIGINT/SIGTERM received...killing workers...', GATEWAY, 'goodbye to uWSGI.', WORKER[1]];
  assert.deepEqual(await lastWords(t, [], (vassal) => vassal.signal('SIGINT')), signalled);
  assert.deepEqual(await lastWords(t, [], (_vassal, control) => writeFileSync(control, 'Q')), signalled);
  assert.deepEqual(await lastWords(t, [], (_vassal, control) => writeFileSync(control, 'q')), [
    'DATE - graceful shutdown triggered...',
    WORKER[0],
    GATEWAY,
    'goodbye to uWSGI.',
    WORKER[1],
  ]);
});

test('an instance with exit-on-reload says that it ends instead of a reload', async (t) => {
  assert.deepEqual(await lastWords(t, ['exit-on-reload = true'], (vassal) => vassal.signal('SIGHUP')), [
    '...gracefully killing workers...',
    WORKER[0],
    GATEWAY,
    'uWSGI: GAME OVER (insert coin)',
    WORKER[1],
  ]);
});

test('master-fifo takes one-letter commands', async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^control$/ });
  const { vassal, port } = await startInstance(rig, ['master-fifo = control']);
  writeApp(rig, 'second');
  writeFileSync(rig.path('control'), 'r');
  await vassal.waitForLog(reloaded);
  await until('the new code is served', async () => (await ask(port, 'GET /')).body.toString() === 'second');
  writeFileSync(rig.path('control'), 's');
  await vassal.waitForLog(/^\tworkers total requests: \d+$/);
  writeFileSync(rig.path('control'), 'Q');
  assert.deepEqual(await vassal.exited, { code: 0, signal: null });
});

test('pidfile holds the pid, and vacuum removes it and the socket file', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, ['pidfile = here.pid', 'socket = here.sock', 'vacuum = true']);
  assert.equal(readFileSync(rig.path('here.pid'), 'latin1'), `${vassal.pid}\n`);
  assert.ok(existsSync(rig.path('here.sock')));
  await vassal.stop();
  await vassal.waitForLog(/^VACUUM: pidfile removed\.$/);
  await vassal.waitForLog(/^VACUUM: unix socket here\.sock removed\.$/);
  assert.ok(!existsSync(rig.path('here.pid')));
  assert.ok(!existsSync(rig.path('here.sock')));
});

test('--reload and --stop send their signals to the instance of a pidfile', async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^here\.pid$/ });
  const { vassal } = await startInstance(rig, ['pidfile = here.pid']);
  assert.deepEqual(await (await rig.vassal(['--reload', 'here.pid'])).exited, { code: 0, signal: null });
  await vassal.waitForLog(reloaded);
  assert.deepEqual(await (await rig.vassal(['--stop', 'here.pid'])).exited, { code: 0, signal: null });
  assert.deepEqual(await vassal.exited, { code: 0, signal: null });
  const late = await rig.vassal(['--stop', 'here.pid']);
  assert.equal((await late.exited).code, 1);
});

test('a file that is watched and not there is told of when the workers are there', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, ['touch-reload = /no/such/file']);
  await vassal.waitForLog(
    /^unable to stat\(\) \/no\/such\/file, events will be triggered as soon as the file is created$/,
  );
  const [worker, missing] = [/^spawned uWSGI worker 1 /, /^unable to stat/].map((line) =>
    vassal.log.lines.findIndex((text) => line.test(text)),
  );
  assert.ok((worker ?? 0) < (missing ?? 0), 'as uWSGI says it');
});

test('touch-logreopen goes on in a new file after the old one was moved away', async (t) => {
  await using rig = Rig.open(t);
  rig.write('touch-me', '');
  const { port } = await (async () => {
    writeApp(rig, 'first');
    const port = await rig.port();
    rig.write(
      'uwsgi.ini',
      `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:${port}\nmodule = app\nlogger = file:u.log\ntouch-logreopen = touch-me\n`,
    );
    await rig.vassal(['uwsgi.ini']);
    await until('it serves', async () => (await ask(port, 'GET /one').catch(() => undefined))?.status === 200);
    return { port };
  })();
  await until('the first request is logged', () => readFileSync(rig.path('u.log'), 'utf8').includes('GET /one'));
  renameSync(rig.path('u.log'), rig.path('u.log.1'));
  rig.write('touch-me', 'touched');
  await until('there is a new file', () => existsSync(rig.path('u.log')));
  await ask(port, 'GET /two');
  await until('the next request is logged there', () => readFileSync(rig.path('u.log'), 'utf8').includes('GET /two'));
});

test('a stop in the middle of the start ends a vassal in order', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('app.py', 'import time\nprint("importing", flush=True)\ntime.sleep(30)\n');
  rig.write('uwsgi.ini', `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:${await rig.port()}\nmodule = app\n`);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^importing$/);
  assert.deepEqual(await vassal.stop(), { code: 0, signal: null });
});
