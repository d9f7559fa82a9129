import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { assertAnswer, requestLine, routerSpawned, workerSpawned } from './expect.ts';
import { layOutProject, listing, styleSheet, welcomePage } from './project.ts';

interface TwoInstances {
  readonly port: number;
  readonly http: Program;
  readonly app: Program;
  /** Starts the app's instance, again if need be. */
  readonly startApp: () => Promise<Program>;
}

/** The app's instance and the router's, each a program of its own. */
async function startBoth(rig: Rig, httpListing: string): Promise<TwoInstances> {
  layOutProject(rig);
  const ports = { 8000: await rig.port(), 8001: await rig.port() };
  rig.write('uwsgi.ini', listing('reliability-app', ports));
  rig.write('http.ini', listing(httpListing, ports));
  const startApp = async (): Promise<Program> => {
    const app = await rig.vassal(['--ini', 'uwsgi.ini']);
    await app.waitForLog(/^spawned 1 offload threads for uWSGI worker 1$/);
    return app;
  };
  const app = await startApp();
  const http = await rig.vassal(['--ini', 'http.ini']);
  await http.waitForLog(routerSpawned);
  return { port: ports[8000], http, app, startApp };
}

test('an http instance that has neither an app nor a place to pass requests to answers 500', async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('http.ini', listing('reliability-http-first', { 8000: port }));
  const http = await rig.vassal(['--ini', 'http.ini']);
  await http.waitForLog(routerSpawned);
  assert.equal((await ask(port, 'GET /')).status, 500);
});

for (const httpListing of ['reliability-http-to', 'reliability-http']) {
  test(`${httpListing}.ini passes requests to the socket of uwsgi.ini`, (t) => passesRequestsOn(t, httpListing));
}

async function passesRequestsOn(t: TestContext, httpListing: string): Promise<void> {
  await using rig = Rig.open(t);
  const { port, app } = await startBoth(rig, httpListing);
  assert.ok(app.log.find(/^uwsgi socket 0 bound to TCP address 127\.0\.0\.1:\d+ fd \d+$/), app.log.tail());

  const page = await ask(port, 'GET /', { 'Accept-Encoding': 'gzip' });
  assert.deepEqual(gunzipSync(page.body), welcomePage);
  const line = { request: 'GET /', app: 0, requests: '1/1', generated: 191, status: 200, switches: 1 };
  await app.waitForLog(requestLine({ ...line, headers: '2 headers in 66 bytes' }));

  const lastModified = (await ask(port, 'HEAD /base.css')).headers.find(([name]) => name === 'Last-Modified')?.[1];
  assertAnswer(await ask(port, 'GET /base.css'), {
    statusLine: 'HTTP/1.1 200 OK',
    headers: ['Content-Type: text/css', 'Content-Length: 78', `Last-Modified: ${lastModified}`],
    body: styleSheet,
  });
}

test('processes = 0 is a pure router: no workers, and no Python', async (t) => {
  await using rig = Rig.open(t);
  const { http, port } = await startBoth(rig, 'reliability-http');
  assert.ok(http.log.find(/^\*\*\* Operational MODE: no-workers \*\*\*$/), http.log.tail());
  assert.equal((await ask(port, 'GET /')).status, 200);
  assert.equal(http.log.find(workerSpawned), undefined);
  assert.deepEqual(
    http.tree().filter((entry) => entry.commandLine.includes('python')),
    [],
  );
});

test(
  'while the app’s instance is gone the router answers 502, and the page soon after it is back',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { port, http, app, startApp } = await startBoth(rig, 'reliability-http');
    assert.equal((await ask(port, 'GET /')).status, 200);
    await app.stop();
    assert.equal((await ask(port, 'GET /')).status, 502);
    await http.waitForLog(/127\.0\.0\.1:\d+.*(refused|ECONNREFUSED)/i);
    await startApp();
    const back = performance.now();
    await until('the page is served again', async () => (await ask(port, 'GET /')).status === 200);
    assert.ok(performance.now() - back < 2000, 'uWSGI holds a backend for dead for 30 seconds');
  },
);

test('a body goes through the router to the app unharmed', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  rig.write(
    'code/app.py',
    [
      'def application(environ, start_response):',
      "    body = environ['wsgi.input'].read()",
      "    start_response('201 Made', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])",
      '    return [body[::-1]]',
      '',
    ].join('\n'),
  );
  const ports = { 8000: await rig.port(), 8001: await rig.port() };
  rig.write('uwsgi.ini', listing('reliability-app', ports));
  rig.write('http.ini', listing('reliability-http', ports));
  await (await rig.vassal(['--ini', 'uwsgi.ini'])).waitForLog(workerSpawned);
  await (await rig.vassal(['--ini', 'http.ini'])).waitForLog(routerSpawned);
  const body = 'abcdefghij'.repeat(50_000);
  assertAnswer(await ask(ports[8000], 'POST /', { 'Content-Type': 'text/plain' }, body), {
    statusLine: 'HTTP/1.1 201 Made',
    headers: ['Content-Type: text/plain', 'Content-Length: 500000'],
    body: 'jihgfedcba'.repeat(50_000),
  });
});
