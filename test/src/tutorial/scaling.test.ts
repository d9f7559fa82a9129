import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { test } from 'node:test';

import { header } from '../rig/answer.ts';
import { ask } from '../rig/http-client.ts';
import { isAlive } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { assertAnswer, assertRuns, requestLine, routerSpawned, workerSpawned } from './expect.ts';
import { layOutProject, listing, replaceApp, startApp, startListing, styleSheet, welcomePage } from './project.ts';

test('processes = 4, cheaper = 1, threads = 2 starts one worker with two cores', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startListing(rig, 'scaling-http-socket');
  assert.deepEqual(
    vassal.log.all(workerSpawned).map((match) => [match[1], match[3]]),
    [['1', '2']],
  );
  assertRuns(vassal, vassal.log.find(workerSpawned)?.[2]);
  assert.ok(vassal.log.find(/^\*\*\* Operational MODE: preforking\+threaded \*\*\*$/), vassal.log.tail());
  assertAnswer(await ask(port, 'GET /'), {
    statusLine: 'HTTP/1.1 200 OK',
    headers: ['Content-Type: text/html'],
    body: welcomePage,
  });
  assert.deepEqual((await ask(port, 'GET /base.css')).body, styleSheet);
});

test('threads = 2 lets one worker answer two requests at the same time', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'scaling-http-socket', 'rendezvous');
  const answers = await Promise.all([ask(port, 'GET /'), ask(port, 'GET /')]);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200],
  );
});

test('processes = 3 starts three workers that live beside each other', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startApp(rig, '--processes', '3');
  for (const id of [1, 2, 3]) await vassal.waitForLog(new RegExp(`^spawned uWSGI worker ${id} `));
  assert.ok(vassal.log.find(/^\*\*\* Operational MODE: preforking \*\*\*$/), vassal.log.tail());
  const workers = vassal.log.all(workerSpawned);
  assert.deepEqual(
    workers.map((match) => match[1]),
    ['1', '2', '3'],
  );
  for (const worker of workers) assertRuns(vassal, worker[2]);
});

test('cheaper adds a worker while all are busy, and ends one when it is idle again', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  replaceApp(rig, 'gate');
  execFileSync('mkfifo', [rig.path('gate')]);
  const port = await rig.port();
  rig.write('uwsgi.ini', `${listing('scaling-http-socket', { 8000: port })}cheaper-overload = 1\n`);
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(workerSpawned);

  const held = [ask(port, 'GET /'), ask(port, 'GET /')];
  await until('both requests have reached the app', () => vassal.log.all(/^at the gate/).length === 2);
  const [, , second] = await vassal.waitForLog(/^spawned uWSGI worker (2) \(pid: (\d+), cores: 2\)$/);
  assertRuns(vassal, second);
  assert.equal((await ask(port, 'GET /open')).status, 200);

  createWriteStream(rig.path('gate')).end();
  assert.deepEqual(
    (await Promise.all(held)).map((answer) => answer.body.toString()),
    ['through', 'through'],
  );
  const [, cheaped] = await vassal.waitForLog(/^uWSGI worker (\d) cheaped\.$/);
  const pid = Number(vassal.log.find(new RegExp(`^spawned uWSGI worker ${cheaped} \\(pid: (\\d+)`))?.[1]);
  await until(`worker ${cheaped} is gone`, () => !isAlive(pid));
  assert.equal((await ask(port, 'GET /open')).status, 200);
});

test('cheaper must be lower than processes', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  rig.write(
    'uwsgi.ini',
    listing('scaling-http-socket', { 8000: await rig.port() }).replace('cheaper = 1', 'cheaper = 4'),
  );
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(vassal.log.find(/cheaper.*must be lower than.*processes/), vassal.log.tail());
});

test('http in place of http-socket announces itself as the tutorial shows, and serves the same', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startListing(rig, 'scaling-http');
  await vassal.waitForLog(/^spawned 1 offload threads for uWSGI worker 1$/);
  assertRuns(vassal, (await vassal.waitForLog(routerSpawned))[1]);
  assert.ok(vassal.log.find(new RegExp(`^uWSGI http bound on 127\\.0\\.0\\.1:${port} fd \\d+$`)), vassal.log.tail());

  assertAnswer(await ask(port, 'GET /'), {
    statusLine: 'HTTP/1.1 200 OK',
    headers: ['Content-Type: text/html'],
    body: welcomePage,
  });
  const line = {
    request: 'GET /',
    app: 0,
    requests: '1/1',
    generated: 191,
    status: 200,
    headers: '1 headers in 44 bytes',
    switches: 1,
  };
  await vassal.waitForLog(requestLine(line));
  const css = await ask(port, 'GET /base.css');
  assert.deepEqual(css.body, styleSheet);
  assert.equal(header(css, 'Content-Type'), 'text/css');
  const fileLine = {
    request: 'GET /base.css',
    app: -1,
    requests: '-1/2',
    generated: 78,
    status: 200,
    via: 'offload()',
    switches: 0,
  };
  await vassal.waitForLog(requestLine({ ...fileLine, headers: '3 headers in 109 bytes' }));
});

test('an app behind http sees who asks, and that a router passed it on', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'scaling-http', 'environ');
  const answer = await ask(port, 'GET /a%20b/%7e?x=1&y=%20z', { 'X-Some-Thing': 'some value', Cookie: 'a=b' });
  const environ = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  assert.match(String(environ['REMOTE_PORT']), /^\d+$/);
  for (const [name, value] of Object.entries({
    REQUEST_METHOD: 'GET',
    REQUEST_URI: '/a%20b/%7e?x=1&y=%20z',
    PATH_INFO: '/a b/~',
    QUERY_STRING: 'x=1&y=%20z',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SCRIPT_NAME: '',
    SERVER_PORT: String(port),
    UWSGI_ROUTER: 'http',
    REMOTE_ADDR: '127.0.0.1',
    HTTP_HOST: 'localhost',
    HTTP_X_SOME_THING: 'some value',
    HTTP_COOKIE: 'a=b',
    'wsgi.multithread': true,
    'wsgi.multiprocess': true,
    'wsgi.run_once': false,
    'wsgi.url_scheme': 'http',
  })) {
    assert.deepEqual([name, environ[name]], [name, value]);
  }
});
