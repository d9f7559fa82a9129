import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { answersOf } from './answers.test-support.ts';
import type { Exchange } from './exchange.ts';
import { eventLoopTurns, hello, sayTarget, startHttp, UNOBSERVED } from './rig.test-support.ts';

const OK = { status: 200, reason: 'OK' };

test('HttpServer serves one request after the other on a connection', async () => {
  await using rig = startHttp(sayTarget);
  const client = await rig.connect();
  for (const target of ['/1', '/2', '/3']) {
    client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.until(new RegExp(`${target}$`));
  }
  const answers = await answersOf(client, 3);
  assert.deepEqual(
    answers.map(({ body }) => body),
    ['/1', '/2', '/3'],
  );
  for (const { head } of answers)
    assert.deepEqual(head, ['HTTP/1.1 200 OK', 'Content-Length: 2', 'Connection: keep-alive']);
});

test('HttpServer closes after the answer when the client says so', async () => {
  await using rig = startHttp(hello);
  for (const value of ['close', 'Close', 'x, close', 'close, keep-alive']) {
    const answer = await rig.roundTrip(`GET / HTTP/1.1\r\nHost: a\r\nConnection: ${value}\r\n\r\n`);
    assert.equal(
      answer,
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    );
  }
});

test('HttpServer closes after the answer when keep-alive is off', async () => {
  await using rig = startHttp(hello, { keepAlive: false });
  const answer = await rig.roundTrip('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(
    answer,
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  );
});

test('HttpServer closes after an HTTP/1.0 request, and adds nothing to the head', async () => {
  await using rig = startHttp(hello);
  assert.equal(
    await rig.roundTrip('GET / HTTP/1.0\r\n\r\n'),
    'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello',
  );
});

test('HttpServer keeps an HTTP/1.0 connection open for a client that asks, and says so', async () => {
  await using rig = startHttp(hello);
  const client = await rig.connect();
  const request = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
  client.send(request + request);
  for (const { head } of await answersOf(client, 2))
    assert.deepEqual(head, [
      'HTTP/1.0 200 OK',
      'Content-Type: text/plain',
      'Content-Length: 5',
      'Connection: keep-alive',
    ]);
});

test('HttpServer ends an HTTP/1.0 answer of unknown length with the connection, even for a client that asks to keep it', async () => {
  await using rig = startHttp((exchange) => {
    exchange.start({ ...OK, headers: [] }, UNOBSERVED);
    exchange.write(Buffer.from('some'));
    exchange.end();
  });
  assert.equal(
    await rig.roundTrip('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'),
    'HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nsome',
  );
});

test('HttpServer ignores empty lines before a request', async () => {
  await using rig = startHttp(hello);
  const client = await rig.connect();
  const request = '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n';
  client.send('\r');
  client.send(`\n${request}${request}`);
  assert.equal((await answersOf(client, 2)).length, 2);
});

test('HttpServer takes all four forms of a target', async () => {
  const seen: (string | undefined)[][] = [];
  await using rig = startHttp((exchange) => {
    const { variables } = exchange;
    seen.push(['REQUEST_URI', 'PATH_INFO', 'QUERY_STRING', 'HTTP_HOST'].map((name) => variables.get(name)));
    hello(exchange);
  });
  const client = await rig.connect();
  const lines = ['GET /a/../b?x=1', 'GET http://h:80/p?q', 'GET HTTP://h', 'GET http://h?q', 'OPTIONS *'];
  for (const line of lines) client.send(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await answersOf(client, lines.length);
  assert.deepEqual(seen, [
    ['/a/../b?x=1', '/b', 'x=1', 'a'],
    ['http://h:80/p?q', '/p', 'q', 'h:80'],
    ['HTTP://h', '/', '', 'h'],
    ['http://h?q', '/', 'q', 'h'],
    ['*', '*', '', 'a'],
  ]);
});

test('HttpServer gives the variables in the order of uWSGI, headers last and joined', async () => {
  let list: string[] = [];
  await using rig = startHttp(
    (exchange) => {
      list = exchange.variables.list.slice();
      hello(exchange);
    },
    { router: 'http' },
  );
  const client = await rig.connect();
  client.send(
    'GET /env/a%20b/%7e?x=1&y=%20z HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nX-Y: 1\r\nX_Y: forged\r\ncookie:  b=2 \t\r\nEmpty:\r\n\r\n',
  );
  await answersOf(client, 1);
  const lines = list.flatMap((name, i) => (i % 2 === 0 ? [`${name}=${list[i + 1]}`] : []));
  assert.equal(
    lines.join('\n'),
    `REQUEST_METHOD=GET
REQUEST_URI=/env/a%20b/%7e?x=1&y=%20z
PATH_INFO=/env/a b/~
QUERY_STRING=x=1&y=%20z
SERVER_PROTOCOL=HTTP/1.1
SCRIPT_NAME=
SERVER_NAME=host
SERVER_PORT=${rig.port}
UWSGI_ROUTER=http
REMOTE_ADDR=127.0.0.1
REMOTE_PORT=${client.socket.localPort}
HTTP_HOST=a
HTTP_COOKIE=a=1, b=2
HTTP_X_Y=1
HTTP_EMPTY=`,
  );
});

test('HttpServer tells the answerer of a client that vanishes in the middle of an answer', async () => {
  const aborted = Promise.withResolvers<void>();
  await using rig = startHttp((exchange) => {
    exchange.start({ ...OK, headers: [] }, { onDrain: () => {}, onAbort: aborted.resolve });
    exchange.write(Buffer.from('begun'));
  });
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until(/begun/);
  client.destroy();
  await aborted.promise;
  await rig.until(() => rig.finished.length === 1);
  assert.equal(rig.finished[0]?.aborted, true);
  assert.deepEqual(rig.complaints, []);
});

test('HttpServer finishes an exchange once, when the answerer is done, although its client has vanished before', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => opened.resolve(exchange));
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const exchange = await opened.promise;
  client.destroy();
  while (!exchange.aborted) await eventLoopTurns(1);
  assert.equal(rig.finished.length, 0);
  hello(exchange);
  assert.equal(rig.finished.length, 1);
  assert.equal(exchange.status, 200);
});

test('HttpServer cuts a client that takes nothing of its answer, with one complaint', async () => {
  await using rig = startHttp(
    (exchange) => exchange.respond({ ...OK, headers: ['Connection', 'close'] }, Buffer.alloc(20_000_000)),
    { limits: { writeTimeoutMs: 100 } },
  );
  const client = await rig.connect();
  client.socket.pause();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await rig.until(() => rig.complaints.length > 0);
  assert.match(rig.complaints.join(), /took nothing of its answer in time: connection cut/);
  client.socket.resume();
  await client.closed();
  assert.equal(client.outcome, 'reset');
});

test('HttpServer lets a slow client take its answer for longer than any time-out', async () => {
  const body = Buffer.alloc(12_000_000, 'x');
  await using rig = startHttp((exchange) => exchange.respond({ ...OK, headers: ['Connection', 'close'] }, body), {
    limits: { writeTimeoutMs: 300 },
  });
  const client = await rig.connect();
  const startedAtMs = performance.now();
  client.socket.on('data', () => {
    client.socket.pause();
    setTimeout(() => client.socket.resume(), 4);
  });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closed();
  assert.ok(performance.now() - startedAtMs > 600);
  assert.equal(client.outcome, 'ended');
  assert.equal(client.text.length - client.text.indexOf('\r\n\r\n') - 4, body.length);
  assert.deepEqual(rig.complaints, []);
});
