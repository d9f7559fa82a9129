import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { answersOf } from './answers.test-support.ts';
import type { Exchange } from './exchange.ts';
import { echo, eventLoopTurns, hello, type Rig, sayTarget, startHttp } from './rig.test-support.ts';

const OK = { status: 200, reason: 'OK' };

function targets(rig: Rig): (string | undefined)[] {
  return rig.finished.map((exchange) => exchange.variables.get('REQUEST_URI'));
}

const PIPELINE = Array.from({ length: 100 }, (_, i) => `/${i}`);

test('HttpServer answers 100 pipelined requests of one packet in order', async () => {
  await using rig = startHttp((exchange) => {
    // Every other answer is made later.
    if (rig.finished.length % 2 === 0) sayTarget(exchange);
    else setImmediate(sayTarget, exchange);
  });
  const client = await rig.connect();
  client.send(PIPELINE.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  const answers = await answersOf(client, PIPELINE.length);
  assert.deepEqual(
    answers.map(({ body }) => body),
    PIPELINE,
  );
  assert.deepEqual(targets(rig), PIPELINE);
});

test('HttpServer reads pipelined requests the same, wherever packets are split', async () => {
  const requests = [
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
    '\r\nPOST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n',
    'GET /4 HTTP/1.1\r\nHost: a\r\n\r\n',
  ].join('');
  await using rig = startHttp(echo);
  for (let split = 1; split < requests.length; split++) {
    const client = await rig.connect();
    client.send(requests.slice(0, split));
    await eventLoopTurns(2);
    client.send(requests.slice(split));
    assert.deepEqual(
      (await answersOf(client, 4)).map(({ body }) => body),
      ['', 'hello', 'hello', ''],
    );
    client.destroy();
  }
});

test('HttpServer reads a request that comes byte by byte', async () => {
  await using rig = startHttp(echo);
  const client = await rig.connect();
  const request = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  for (const byte of request) {
    client.send(byte);
    await eventLoopTurns(2);
  }
  assert.deepEqual(
    (await answersOf(client, 1)).map(({ body }) => body),
    ['hello'],
  );
});

test('HttpServer answers pipelined requests of a client that has half-closed', async () => {
  await using rig = startHttp((exchange) => void setImmediate(sayTarget, exchange));
  const client = await rig.connect();
  client.send(['/1', '/2', '/3'].map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  client.end();
  await client.closed();
  assert.equal(client.outcome, 'ended');
  assert.match(client.text, /\/1HTTP[^]*keep-alive[^]*\/2HTTP[^]*Connection: close\r\n\r\n\/3$/);
});

test('HttpServer makes no more answers for a client that does not read them', async () => {
  const body = Buffer.alloc(1_000_000, 'x');
  let made = 0;
  await using rig = startHttp((exchange) => {
    made++;
    exchange.respond({ ...OK, headers: [] }, body);
  });
  const client = await rig.connect();
  client.socket.pause();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200));
  await rig.until(() => made > 0);
  // Whatever the kernel takes, most of 200 MB waits to be made.
  await eventLoopTurns(50);
  assert.ok(made < 50, `${made} answers made`);
  client.socket.resume();
  await rig.until(() => rig.finished.length === 200);
});

test('HttpServer reads no further ahead than a bound while an answer is made', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => opened.resolve(exchange));
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const exchange = await opened.promise;
  client.socket.write(Buffer.alloc(30_000_000, 'x'));
  await eventLoopTurns(100);
  assert.ok(client.socket.writableLength > 0, 'the server has read all of it');
  hello(exchange);
  await client.closed();
  assert.match(client.text, /hello/);
});
