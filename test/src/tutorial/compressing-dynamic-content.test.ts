import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { header } from '../rig/answer.ts';
import { ask, exchangeBytes, HttpClient, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, subject } from '../rig/subject.ts';
import { assertAnswer, requestLine } from './expect.ts';
import { startListing, styleSheet, welcomePage } from './project.ts';

const takesGzip = { 'Accept-Encoding': 'gzip' };

/** What the real uWSGI leaves visible and we take out (DESIGN 4.11). */
const mark = subject.isUwsgi ? ['uWSGI-Encoding: gzip'] : [];

test('http-auto-gzip alone compresses nothing', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'compressing-keepalive');
  const answer = await ask(port, 'GET /', takesGzip);
  assertAnswer(answer, { statusLine: 'HTTP/1.1 200 OK', headers: ['Content-Type: text/html'], body: welcomePage });
});

test('the response routing table is printed at the start', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startListing(rig, 'compressing-routes');
  assert.equal((await ask(port, 'GET /')).status, 200);
  const start = vassal.log.lines.indexOf('*** dumping internal response routing table ***');
  assert.deepEqual(vassal.log.lines.slice(start, start + 5), [
    '*** dumping internal response routing table ***',
    '[rule: 0] subject: ${RESPONSE_CONTENT_TYPE};application/json func: equal action: addheader:uWSGI-Encoding: gzip',
    '[rule: 1] subject: ${RESPONSE_CONTENT_TYPE};text/html func: startswith action: addheader:uWSGI-Encoding: gzip',
    '*** end of the internal response routing table ***',
    'collecting header Content-Type to var RESPONSE_CONTENT_TYPE',
  ]);
});

test('a page that the routes mark is compressed on its way out, and the log tells of the page itself', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startListing(rig, 'compressing-routes');
  const answer = await ask(port, 'GET /', takesGzip);
  const headers = ['Content-Type: text/html', ...mark, 'Transfer-Encoding: chunked', 'Content-Encoding: gzip'];
  assertAnswer(answer, { statusLine: 'HTTP/1.1 200 OK', headers, body: answer.body });
  assert.deepEqual(gunzipSync(answer.body), welcomePage);
  const line = { request: 'GET /', app: 0, requests: '1/1', generated: 191, status: 200, switches: 1 };
  await vassal.waitForLog(requestLine({ ...line, headers: '2 headers in 66 bytes' }));
});

test('a page goes uncompressed to who does not take gzip', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'compressing-routes');
  const answer = await ask(port, 'GET /');
  assertAnswer(answer, {
    statusLine: 'HTTP/1.1 200 OK',
    headers: ['Content-Type: text/html', ...mark],
    body: welcomePage,
  });
});

test('equal: and startswith: choose the types that are compressed', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'compressing-routes', 'typed');
  const encodings: Record<string, string | undefined> = {};
  for (const type of [
    'application/json',
    'application/json;charset=utf-8',
    'text/html',
    'text/html;charset=utf-8',
    'text/plain',
  ]) {
    const answer = await ask(port, `GET /?${type}`, takesGzip);
    encodings[type] = header(answer, 'Content-Encoding');
    const body = encodings[type] === 'gzip' ? gunzipSync(answer.body) : answer.body;
    assert.equal(body.length, 43 * 50, type);
  }
  assert.deepEqual(encodings, {
    'application/json': 'gzip',
    'application/json;charset=utf-8': undefined,
    'text/html': 'gzip',
    'text/html;charset=utf-8': 'gzip',
    'text/plain': undefined,
  });
});

test(
  'the marker of the routes never leaves the server, and caches are told that the answer varies',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { port } = await startListing(rig, 'compressing-routes');
    for (const headers of [{}, takesGzip, { 'Accept-Encoding': 'gzip;q=0' }]) {
      const answer = await ask(port, 'GET /', headers);
      assert.equal(header(answer, 'uWSGI-Encoding'), undefined);
      assert.match(header(answer, 'Vary') ?? '', /Accept-Encoding/i);
    }
    const refused = await ask(port, 'GET /', { 'Accept-Encoding': 'gzip;q=0' });
    assert.equal(header(refused, 'Content-Encoding'), undefined);
  },
);

test('HEAD and HTTP/1.0 get no chunks', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'compressing-routes');
  const head = await exchangeBytes(port, request('HEAD /', takesGzip));
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  const old = (await exchangeBytes(port, 'GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n')).toString('latin1');
  assert.match(old, /^HTTP\/1\.0 200 OK\r\n/);
  assert.doesNotMatch(old, /Transfer-Encoding/i);
});

test('http-keepalive = true keeps the connection over pages, files and compressed pages', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'compressing-routes');
  await using client = await HttpClient.connect(port);
  for (let round = 0; round < 3; round++) {
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.deepEqual((await client.answer()).body, welcomePage);
    client.send('GET /base.css HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.deepEqual((await client.answer()).body, styleSheet);
    client.send('HEAD /base.css HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal((await client.answer('HEAD')).body.length, 0);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n');
    assert.deepEqual(gunzipSync((await client.answer()).body), welcomePage);
  }
  client.send(request('GET /'));
  assert.equal(header(await client.answer(), 'Connection'), 'close');
  assert.equal((await client.rest()).length, 0);
});

test('requests sent in one go are answered in their order', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startListing(rig, 'compressing-routes');
  await using client = await HttpClient.connect(port);
  client.send(`GET /base.css HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n${request('GET /base.css')}`);
  assert.deepEqual((await client.answer()).body, styleSheet);
  assert.deepEqual((await client.answer()).body, welcomePage);
  assert.deepEqual((await client.answer()).body, styleSheet);
  await client.rest();
});
