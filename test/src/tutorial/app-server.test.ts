import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, subject } from '../rig/subject.ts';
import { assertAnswer, assertRuns, masterSpawned, requestLine, workerSpawned } from './expect.ts';
import { appArguments, layOutProject, startApp, welcomePage } from './project.ts';

test('vassal --module app says that it has no master and nothing to listen on, and exits 1', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const vassal = await rig.vassal(['--module', 'app']);
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(vassal.log.find(/master/), vassal.log.tail());
  assert.ok(vassal.log.find(/socket/), vassal.log.tail());
  assert.equal(vassal.log.find(/^\s+at .*:\d+:\d+\)?$/), undefined, 'no stack trace');
});

test('vassal --master --http-socket :PORT --module app runs without the app it cannot import', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const vassal = await rig.vassal(['--master', '--http-socket', `:${port}`, '--module', 'app']);
  const [, worker, workerPid, cores] = await vassal.waitForLog(workerSpawned);
  assert.deepEqual([worker, cores], ['1', '1']);
  assertRuns(vassal, workerPid);
  assertRuns(vassal, vassal.log.find(masterSpawned)?.[1]);
  let place = -1;
  for (const line of [
    new RegExp(`^uwsgi socket 0 bound to TCP address :${port} fd \\d+$`),
    /^\*\*\* Operational MODE: single process \*\*\*$/,
    /^ModuleNotFoundError: No module named 'app'$/,
    /^unable to load app 0 \(mountpoint=''\) \(callable not found or import error\)$/,
    /^\*\*\* no app loaded\. going in full dynamic mode \*\*\*$/,
  ]) {
    const next = vassal.log.lines.findIndex((text) => line.test(text));
    assert.ok(next > place, `${line}, behind the one before it\n${vassal.log.tail(30)}`);
    place = next;
  }
});

test('a vassal without its app answers 500 and says so in the log', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const vassal = await rig.vassal(['--master', '--http-socket', `127.0.0.1:${port}`, '--module', 'app']);
  await vassal.waitForLog(workerSpawned);

  assertAnswer(await ask(port, 'GET /'), {
    statusLine: 'HTTP/1.1 500 Internal Server Error',
    headers: ['Connection: close', 'Content-Type: text/plain'],
    body: 'Internal Server Error',
  });
  await vassal.waitForLog(/--- no python application found, check your startup logs for errors ---/);
  const headers = '2 headers in 83 bytes';
  await vassal.waitForLog(
    requestLine({ request: 'GET /', app: -1, requests: '-1/1', generated: 21, status: 500, headers, switches: 0 }),
  );
});

test('vassal --pythonpath code/ finds the app, starts a master and a worker, and logs requests like uWSGI', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const vassal = await rig.vassal([
    '--master',
    '--http-socket',
    `:${port}`,
    '--pythonpath',
    'code/',
    '--module',
    'app',
  ]);
  const [, , workerPid] = await vassal.waitForLog(workerSpawned);
  assertRuns(vassal, workerPid);
  await vassal.waitForLog(/^added code\/ to pythonpath\.$/);
  const ready =
    /^WSGI app 0 \(mountpoint=''\) ready in \d+ seconds on interpreter 0x[0-9a-f]+ pid: (\d+) \(default app\)$/;
  assertRuns(vassal, (await vassal.waitForLog(ready))[1]);

  const answer = await ask(port, 'GET /');
  assertAnswer(answer, { statusLine: 'HTTP/1.1 200 OK', headers: ['Content-Type: text/html'], body: welcomePage });
  const variables = {
    REQUEST_METHOD: 'GET',
    REQUEST_URI: '/',
    PATH_INFO: '/',
    QUERY_STRING: '',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SCRIPT_NAME: '',
    SERVER_NAME: hostname(),
    SERVER_PORT: String(port),
    REMOTE_ADDR: '127.0.0.1',
    HTTP_HOST: 'localhost',
    HTTP_CONNECTION: 'close',
  };
  const expected = {
    request: 'GET /',
    app: 0,
    generated: 191,
    status: 200,
    headers: '1 headers in 44 bytes',
    switches: 1,
  };
  const [, servedBy] = await vassal.waitForLog(requestLine({ ...expected, variables, requests: '1/1' }));
  assert.equal(servedBy, workerPid);
  await ask(port, 'GET /');
  await vassal.waitForLog(requestLine({ ...expected, variables, requests: '2/2' }));
});

test('vassal takes options in every spelling uWSGI takes', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  for (const [port, args] of [
    [
      await rig.port(),
      (address: string) => ['--master', `--http-socket=${address}`, '--pythonpath=code/', '--module=app'],
    ],
    [
      await rig.port(),
      (address: string) => ['-M', '--http-socket', address, '--pythonpath', 'code/', '-w', 'app', '-p', '2'],
    ],
    [
      await rig.port(),
      (address: string) => ['-Mp2', `--http-socket=${address}`, '--python-path', 'code/', '-wapp:application'],
    ],
  ] as const) {
    const vassal = await rig.vassal(args(`127.0.0.1:${port}`));
    await vassal.waitForLog(workerSpawned);
    assert.equal((await ask(port, 'GET /')).status, 200, vassal.title);
    await vassal.stop();
  }
});

test('vassal takes options from UWSGI_ variables before those of the command line', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const environment = { UWSGI_HTTP_SOCKET: `127.0.0.1:${port}`, UWSGI_PROCESSES: '3', UWSGI_PYTHONPATH: 'code/' };
  const vassal = await rig.vassal(['--master', '--module', 'app', '--processes', '2'], { environment });
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  assert.equal((await ask(port, 'GET /')).status, 200);
  assert.equal(vassal.log.all(workerSpawned).length, 2);
});

test('SIGINT ends a vassal in order with status 0', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig);
  assert.equal((await ask(port, 'GET /')).status, 200);
  assert.deepEqual(await vassal.stop('SIGINT'), { code: 0, signal: null });
  assert.ok(vassal.log.find(/SIGINT\/SIGTERM received\.\.\.killing workers\.\.\./), vassal.log.tail());
  assert.ok(vassal.log.find(/goodbye to uWSGI\./), vassal.log.tail());
  assert.deepEqual(rig.processes(), []);
});

test('SIGTERM ends a vassal in order with status 0', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startApp(rig);
  assert.deepEqual(await vassal.stop('SIGTERM'), { code: 0, signal: null });
});

test('vassal writes its output to standard error', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const command = [...subject.vassal, ...appArguments(port)];
  const shell = await rig.start(['/bin/sh', '-c', 'exec "$@" >/dev/null', 'sh', ...command], {
    environment: subject.environment,
  });
  await shell.waitForLog(workerSpawned);
  assert.equal((await ask(port, 'GET /')).status, 200);
});
