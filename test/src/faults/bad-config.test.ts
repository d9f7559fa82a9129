import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';

import { ask, exchangeBytes, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { appArguments, layOutProject, startApp } from '../tutorial/project.ts';

test('a busy port ends the start with status 1, and the address is named', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  const vassal = await rig.vassal(appArguments(port));
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(vassal.log.find(new RegExp(`127\\.0\\.0\\.1:${port}`)), vassal.log.tail());
  assert.equal(vassal.log.find(/spawned uWSGI/), undefined);
});

test('a busy port is told with who to look for', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig);
  const second = await rig.vassal(appArguments(port));
  assert.equal((await second.waitForExit()).code, 1);
  assert.ok(second.log.find(/another (instance|program|process)|in use/i), second.log.tail());
  assert.equal((await ask(port, 'GET /')).status, 200, 'the first one goes on');
});

test('need-app without the app ends the start with status 22', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const address = `127.0.0.1:${await rig.port()}`;
  const vassal = await rig.vassal(['--master', '--need-app', '--http-socket', address, '--module', 'app']);
  assert.deepEqual(await vassal.waitForExit(), { code: 22, signal: null });
  assert.ok(vassal.log.find(/no app loaded\. GAME OVER/), vassal.log.tail());
});

test('an app whose import raises leaves its traceback in the log, and its clients get 500', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  rig.write('code/app.py', "def broken():\n    raise RuntimeError('not today')\n\n\nbroken()\n");
  const port = await rig.port();
  const vassal = await rig.vassal(appArguments(port));
  await vassal.waitForLog(workerSpawned);
  for (const line of [
    /^Traceback \(most recent call last\):$/,
    /app\.py", line 2, in broken$/,
    /^RuntimeError: not today$/,
  ]) {
    assert.ok(vassal.log.find(line), `${line}\n${vassal.log.tail()}`);
  }
  assert.equal((await ask(port, 'GET /')).status, 500);
});

test('a module without the callable gets the line that says so', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const vassal = await rig.vassal([
    '--master',
    '--http-socket',
    `127.0.0.1:${port}`,
    '--pythonpath',
    'code/',
    '--module',
    'app:nothing',
  ]);
  await vassal.waitForLog(/^unable to load app 0 \(mountpoint=''\) \(callable not found or import error\)$/);
  await vassal.waitForLog(workerSpawned);
  assert.equal((await ask(port, 'GET /')).status, 500);
});

test('an app that raises gives one 500 with the traceback in the log, and serves on', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  rig.write(
    'code/app.py',
    [
      'def application(environ, start_response):',
      "    if environ['PATH_INFO'] == '/raise':",
      "        raise KeyError('gone')",
      "    start_response('200 OK', [('Content-Type', 'text/plain')])",
      "    return [b'fine']",
      '',
    ].join('\n'),
  );
  const port = await rig.port();
  const vassal = await rig.vassal(appArguments(port));
  await vassal.waitForLog(workerSpawned);
  assert.equal((await ask(port, 'GET /raise')).status, 500);
  await vassal.waitForLog(/^KeyError: 'gone'$/);
  assert.equal((await ask(port, 'GET /')).body.toString(), 'fine');
  assert.equal(vassal.log.all(workerSpawned).length, 1, 'the worker lives');
});

test('an app that breaks off in mid-body cuts the answer so that the client can tell', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  rig.write(
    'code/app.py',
    [
      'def application(environ, start_response):',
      "    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '10')])",
      "    yield b'12345'",
      "    raise RuntimeError('half way')",
      '',
    ].join('\n'),
  );
  const port = await rig.port();
  const vassal = await rig.vassal(appArguments(port));
  await vassal.waitForLog(workerSpawned);
  const bytes = await exchangeBytes(port, request('GET /')).catch((error: NodeJS.ErrnoException) => error.code);
  if (typeof bytes !== 'string') assert.match(bytes?.toString('latin1') ?? '', /\r\n\r\n(12345)?$/);
  await vassal.waitForLog(/^RuntimeError: half way$/);
});

test('an option of static files that cannot be used ends the start, and its line is named', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('uwsgi.ini', '[uwsgi]\nsocket = app.sock\ncheck-static = .\nstatic-expires = * 60\n');
  const vassal = await rig.vassal(['uwsgi.ini']);
  assert.equal((await vassal.waitForExit()).code, 1);
  await vassal.waitForLog(/^uwsgi\.ini:4: error: static-expires: cannot use the regular expression "\*": /);
});
