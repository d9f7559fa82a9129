import assert from 'node:assert/strict';
import { test } from 'node:test';

import { header } from '../rig/answer.ts';
import { ask } from '../rig/http-client.ts';
import { Load } from '../rig/load.ts';
import { Rig } from '../rig/rig.ts';
import { needs } from '../run/parts.ts';
import { requestLine, workerSpawned } from '../tutorial/expect.ts';
import { layOutProject, replaceApp, styleSheet, welcomePage } from '../tutorial/project.ts';
import { startNginx } from './nginx.ts';

const nginxNeeded = needs('nginx');

/** The tutorial's app behind `socket = ADDRESS`, and nginx in front of it. */
async function startBehindNginx(rig: Rig, address: string, app?: string): ReturnType<typeof startNginx> {
  layOutProject(rig);
  if (app !== undefined) replaceApp(rig, app);
  rig.write(
    'uwsgi.ini',
    `[uwsgi]
strict = true
master = true
vacuum = true
socket = ${address}
processes = 2
pythonpath = code/
module = app
check-static = static/
`,
  );
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(workerSpawned);
  return await startNginx(rig, address.startsWith('127.') ? address : rig.path(address));
}

test('nginx passes requests on to a TCP socket', nginxNeeded, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startBehindNginx(rig, `127.0.0.1:${await rig.port()}`);
  const page = await ask(port, 'GET /');
  assert.equal(page.statusLine, 'HTTP/1.1 200 OK');
  assert.equal(header(page, 'Content-Type'), 'text/html');
  assert.deepEqual(page.body, welcomePage);
  const css = await ask(port, 'GET /base.css');
  assert.equal(header(css, 'Content-Length'), '78');
  assert.deepEqual(css.body, styleSheet);
  const [vassal] = rig.programs;
  const line = {
    request: 'GET /',
    app: 0,
    requests: '1/1',
    generated: 191,
    status: 200,
    headers: '1 headers in 44 bytes',
    switches: 1,
  };
  await vassal?.waitForLog(requestLine(line));
});

test('nginx passes requests on to a UNIX socket, and vacuum removes it', nginxNeeded, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startBehindNginx(rig, 'app.sock');
  assert.deepEqual((await ask(port, 'GET /')).body, welcomePage);
  assert.equal((await ask(port, 'HEAD /base.css')).status, 200);
});

test('an app behind nginx sees what nginx tells it, and no more', nginxNeeded, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startBehindNginx(rig, 'app.sock', 'environ');
  const answer = await ask(port, 'GET /a%20b?x=1', { 'X-Some-Thing': 'some value' });
  const environ = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  for (const [name, value] of Object.entries({
    REQUEST_METHOD: 'GET',
    REQUEST_URI: '/a%20b?x=1',
    PATH_INFO: '/a b',
    QUERY_STRING: 'x=1',
    REQUEST_SCHEME: 'http',
    REMOTE_ADDR: '127.0.0.1',
    SERVER_PORT: String(port),
    HTTP_X_SOME_THING: 'some value',
  })) {
    assert.deepEqual([name, environ[name]], [name, value]);
  }
  assert.equal(environ['UWSGI_ROUTER'], undefined);
});

test('bodies go through nginx both ways', nginxNeeded, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startBehindNginx(rig, 'app.sock', 'echo');
  const body = '0123456789'.repeat(50_000);
  const answer = await ask(port, 'POST /', { 'Content-Type': 'text/plain' }, body);
  assert.equal(answer.body.toString(), body);
});

test('nginx gets an answer to each of a thousand requests', nginxNeeded, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startBehindNginx(rig, 'app.sock');
  await using load = new Load({ port, clients: 8, keepAlive: true });
  await load.more(1000);
  await load.stop();
  assert.equal(load.bad, 0, load.summary());
});
