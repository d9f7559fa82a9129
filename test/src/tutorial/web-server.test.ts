import assert from 'node:assert/strict';
import { symlinkSync, utimesSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { assertAnswer, requestLine, workerSpawned } from './expect.ts';
import { startApp, styleSheet, welcomePage } from './project.ts';

const modified = new Date('2026-11-22T15:19:56Z');
const cssHeaders = ['Content-Type: text/css', 'Content-Length: 78', 'Last-Modified: Sun, 22 Nov 2026 15:19:56 GMT'];

test('check-static serves a file with its type, length and date', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--check-static', 'static/');
  assert.ok(vassal.log.find(/^\[uwsgi-static\] added check for static\/$/), vassal.log.tail());
  utimesSync(rig.path('static/base.css'), modified, modified);

  assert.equal(styleSheet.length, 78);
  assertAnswer(await ask(port, 'GET /base.css'), {
    statusLine: 'HTTP/1.1 200 OK',
    headers: cssHeaders,
    body: styleSheet,
  });
  const line = {
    request: 'GET /base.css',
    app: -1,
    generated: 78,
    status: 200,
    headers: '3 headers in 109 bytes',
    switches: 0,
  };
  await vassal.waitForLog(requestLine({ ...line, requests: '-1/1', via: 'sendfile()' }));
});

test('offload-threads leaves files to others than the workers, and the log says via offload()', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--check-static', 'static/', '--offload-threads', '1');
  await vassal.waitForLog(/^spawned 1 offload threads for uWSGI worker 1$/);

  await ask(port, 'GET /');
  assertAnswer(await ask(port, 'GET /base.css'), {
    statusLine: 'HTTP/1.1 200 OK',
    headers: [...cssHeaders.slice(0, 2), `Last-Modified: ${(await lastModified(port)) ?? ''}`],
    body: styleSheet,
  });
  const line = {
    request: 'GET /base.css',
    app: -1,
    generated: 78,
    status: 200,
    headers: '3 headers in 109 bytes',
    switches: 0,
  };
  await vassal.waitForLog(requestLine({ ...line, requests: '-1/2', via: 'offload()' }));
});

test('check-static leaves to the app what is no file, and every method but GET and HEAD', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig, '--check-static', 'static/');
  rig.write('static/deep/er.txt', 'text');
  const page = { statusLine: 'HTTP/1.1 200 OK', headers: ['Content-Type: text/html'], body: welcomePage };
  assertAnswer(await ask(port, 'GET /no-such.css'), page);
  assertAnswer(await ask(port, 'GET /deep'), page);
  assertAnswer(await ask(port, 'POST /base.css', {}, 'a=b'), page);
  assert.equal((await ask(port, 'GET /deep/er.txt')).body.toString(), 'text');
  assert.equal((await ask(port, 'GET /./deep/../base.css?v=2')).body.toString(), styleSheet.toString());
  assert.equal((await ask(port, 'GET /%62ase.css')).body.toString(), styleSheet.toString());
});

test('check-static answers HEAD with the head only', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--check-static', 'static/');
  utimesSync(rig.path('static/base.css'), modified, modified);
  assertAnswer(await ask(port, 'HEAD /base.css'), { statusLine: 'HTTP/1.1 200 OK', headers: cssHeaders, body: '' });
  const line = { request: 'HEAD /base.css', app: -1, requests: '-1/1', generated: 0, status: 200 };
  await vassal.waitForLog(requestLine({ ...line, headers: '3 headers in 109 bytes', switches: 0 }));
});

test('check-static answers 304 to who has the file already', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig, '--check-static', 'static/');
  utimesSync(rig.path('static/base.css'), modified, modified);
  const since = async (date: string): Promise<number> =>
    (await ask(port, 'GET /base.css', { 'If-Modified-Since': date })).status;
  assert.equal(await since('Sun, 22 Nov 2026 15:19:56 GMT'), 304);
  assert.equal(await since('Sun, 22 Nov 2026 15:19:57 GMT'), 304);
  assert.equal(await since('Sun, 22 Nov 2026 15:19:55 GMT'), 200);
  assert.equal(await since('yesterday'), 200);
  assertAnswer(await ask(port, 'GET /base.css', { 'If-Modified-Since': 'Sun, 22 Nov 2026 15:19:56 GMT' }), {
    statusLine: 'HTTP/1.1 304 Not Modified',
    headers: [],
    body: '',
  });
});

test('check-static never serves what lies outside its directory', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--check-static', 'static/');
  rig.write('secret.txt', 'secret');
  rig.write('static-evil/secret.txt', 'secret');
  symlinkSync(rig.path('secret.txt'), rig.path('static/link.txt'));
  symlinkSync('..', rig.path('static/up'));
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/../static-evil/secret.txt',
    '/link.txt',
    '/up/secret.txt',
  ]) {
    assert.equal((await ask(port, `GET ${path}`)).body.toString('latin1'), welcomePage.toString('latin1'), path);
  }
  await vassal.waitForLog(
    /^\[uwsgi-fileserve\] security error: .*\/secret\.txt is not under .*\/static or a safe path/,
  );
});

test('static files never occupy a worker', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--check-static', 'static/');
  const worker = Number(vassal.log.find(workerSpawned)?.[2]);
  process.kill(worker, 'SIGSTOP');
  try {
    assert.deepEqual((await ask(port, 'GET /base.css')).body, styleSheet);
  } finally {
    process.kill(worker, 'SIGCONT');
  }
});

test('the type of a file is known by its extension, and unknown without one', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig, '--check-static', 'static/');
  for (const [name, type] of [
    ['a.html', 'text/html'],
    ['a.js', 'text/javascript'],
    ['a.png', 'image/png'],
    ['a.svg', 'image/svg+xml'],
    ['a.tar.gz', 'application/gzip'],
    ['plain', undefined],
    ['a.unknown-extension', undefined],
  ] as const) {
    rig.write(`static/${name}`, 'x');
    const answer = await ask(port, `GET /${name}`);
    assert.deepEqual([name, answer.headers.find(([header]) => header === 'Content-Type')?.[1]], [name, type]);
  }
});

async function lastModified(port: number): Promise<string | undefined> {
  return (await ask(port, 'HEAD /base.css')).headers.find(([name]) => name === 'Last-Modified')?.[1];
}
