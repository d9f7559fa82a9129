import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { header } from '../rig/answer.ts';
import { ask, HttpClient } from '../rig/http-client.ts';
import { Load } from '../rig/load.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor, realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { routerSpawned, workerSpawned } from '../tutorial/expect.ts';
import { layOutProject, listing, replaceApp, styleSheet, welcomePage } from '../tutorial/project.ts';

const uwsgiNeeded = needs('uwsgi');

/** The tutorial's two instances: the app in a real uWSGI, the router in the vassal under test. */
async function startMixed(rig: Rig, app?: string): Promise<number> {
  layOutProject(rig);
  if (app !== undefined) replaceApp(rig, app);
  const ports = { 8000: await rig.port(), 8001: await rig.port() };
  rig.write('uwsgi.ini', listing('reliability-app', ports));
  rig.write('http.ini', listing('reliability-http', ports));
  const uwsgi = await rig.start(['uwsgi', '--ini', 'uwsgi.ini'], { environment: realUwsgiEnvironment });
  await uwsgi.waitForLog(workerSpawned);
  const http = await rig.vassal(['--ini', 'http.ini']);
  await http.waitForLog(routerSpawned);
  return ports[8000];
}

test('http-to passes requests on to a real uWSGI', uwsgiNeeded, async (t) => {
  await using rig = Rig.open(t);
  const port = await startMixed(rig);
  const page = await ask(port, 'GET /');
  assert.equal(page.statusLine, 'HTTP/1.1 200 OK');
  assert.deepEqual(page.body, welcomePage);
  const css = await ask(port, 'GET /base.css');
  assert.equal(header(css, 'Content-Type'), 'text/css');
  assert.deepEqual(css.body, styleSheet);
  assert.equal((await ask(port, 'HEAD /base.css')).body.length, 0);
  const compressed = await ask(port, 'GET /', { 'Accept-Encoding': 'gzip' });
  assert.equal(header(compressed, 'Content-Encoding'), 'gzip');
  assert.deepEqual(gunzipSync(compressed.body), welcomePage);
});

test('bodies go through http-to to a real uWSGI both ways', uwsgiNeeded, async (t) => {
  await using rig = Rig.open(t);
  const port = await startMixed(rig, 'echo');
  const body = '0123456789'.repeat(200_000);
  assert.equal((await ask(port, 'POST /', {}, body)).body.toString(), body);
});

test(
  'a client keeps its connection though a real uWSGI closes its own after each answer',
  skipFor(uwsgiNeeded, oursOnly),
  async (t) => {
    await using rig = Rig.open(t);
    const port = await startMixed(rig);
    await using client = await HttpClient.connect(port);
    for (let count = 0; count < 3; count++) {
      client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.deepEqual((await client.answer()).body, welcomePage);
      client.send('HEAD /base.css HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.equal((await client.answer('HEAD')).status, 200);
    }
  },
);

test('a real uWSGI behind http-to answers each of a thousand requests', uwsgiNeeded, async (t) => {
  await using rig = Rig.open(t);
  const port = await startMixed(rig);
  await using load = new Load({ port, clients: 4, keepAlive: true });
  await load.more(1000);
  await load.stop();
  assert.equal(load.bad, 0, load.summary());
});

const TELLING_APP = `
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [' '.join(name for name in environ if name.isupper()).encode()]
`;

/** UWSGI-FACTS 5.2 */
const ROUTED =
  'REQUEST_METHOD REQUEST_URI PATH_INFO QUERY_STRING SERVER_PROTOCOL SCRIPT_NAME SERVER_NAME SERVER_PORT UWSGI_ROUTER REMOTE_ADDR REMOTE_PORT';

test('an app of a real uWSGI sees behind our router what it sees behind its own', uwsgiNeeded, async (t) => {
  await using rig = Rig.open(t);
  rig.write('tells.py', TELLING_APP);
  const [app, port] = [`127.0.0.1:${await rig.port()}`, await rig.port()];
  const uwsgi = await rig.start(['uwsgi', '--master', '--wsgi-file', 'tells.py', '--socket', app], {
    environment: realUwsgiEnvironment,
  });
  await uwsgi.waitForLog(workerSpawned);
  const router = await rig.vassal(['--master', '--http', `127.0.0.1:${port}`, '--http-to', app]);
  await router.waitForLog(routerSpawned);
  for (let count = 0; count < 3; count++) {
    const { body } = await ask(port, 'GET /');
    assert.equal(body.toString(), `${ROUTED} HTTP_HOST HTTP_CONNECTION`);
  }
});

const TALKING_APP = `
import uwsgi
def application(environ, start_response):
    uwsgi.websocket_handshake(environ['HTTP_SEC_WEBSOCKET_KEY'], environ.get('HTTP_ORIGIN', ''))
    while True:
        uwsgi.websocket_send(b'you said ' + uwsgi.websocket_recv())
`;

test(
  'a browser converses with an app of a real uWSGI, over the uwsgi protocol and over HTTP',
  uwsgiNeeded,
  async (t) => {
    await using rig = Rig.open(t);
    rig.write('talks.py', TALKING_APP);
    const [socket, httpSocket] = [`127.0.0.1:${await rig.port()}`, `127.0.0.1:${await rig.port()}`];
    const listen = ['--socket', socket, '--http-socket', httpSocket];
    const uwsgi = await rig.start(['uwsgi', '--master', '--wsgi-file', 'talks.py', '--processes', '2', ...listen], {
      environment: realUwsgiEnvironment,
    });
    await uwsgi.waitForLog(workerSpawned);
    for (const backend of subject.isUwsgi ? [socket] : [socket, `http://${httpSocket}`]) {
      const port = await rig.port();
      const options = ['--master', '--http', `127.0.0.1:${port}`, '--http-websockets', '--http-to', backend];
      const router = await rig.vassal(options);
      await router.waitForLog(routerSpawned);
      const browser = new WebSocket(`ws://127.0.0.1:${port}/`);
      await once(browser, 'open');
      const heard = once(browser, 'message') as Promise<[MessageEvent]>;
      browser.send('hello');
      const [{ data }] = await heard;
      assert.equal(data, 'you said hello');
      const closed = once(browser, 'close');
      browser.close();
      await closed;
    }
  },
);
