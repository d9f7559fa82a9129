import assert from 'node:assert/strict';
import test from 'node:test';

import type { Exchange } from './exchange.ts';
import { eventLoopTurns, hello, startHttp, startUwsgi, UNOBSERVED } from './rig.test-support.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('ConnectionServer.drain resolves at once when there is no connection', async () => {
  await using rig = startHttp(hello);
  await rig.server.drain();
  await rig.server.drain();
});

test('ConnectionServer.drain closes idle connections in order after their grace', async () => {
  await using rig = startHttp(hello);
  const fresh = await rig.connect();
  const used = await rig.connect();
  used.send(GET);
  await used.until(/hello$/);
  await Promise.all([rig.server.drain(1), rig.server.drain(1), fresh.closed(), used.closed()]);
  assert.deepEqual([fresh.outcome, used.outcome], ['ended', 'ended']);
  assert.equal(rig.server.connectionCount, 0);
  assert.deepEqual(rig.complaints, []);
});

test('ConnectionServer.drain closes idle connections now when there is no grace', async () => {
  await using rig = startHttp(hello);
  const client = await rig.connect();
  client.send(GET);
  await client.until(/hello$/);
  const drained = rig.server.drain(0);
  await client.closed();
  await drained;
});

test('ConnectionServer.drain lets an idle connection have one more request, and tells it to close', async () => {
  await using rig = startHttp(hello);
  const client = await rig.connect();
  client.send(GET);
  await client.until(/keep-alive\r\n\r\nhello$/);
  const drained = rig.server.drain(60_000);
  client.send(GET);
  await client.closed();
  assert.match(client.text, /Connection: close\r\n\r\nhello$/);
  await drained;
});

test('ConnectionServer.drain waits for the answer being made, which says that the connection closes', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => opened.resolve(exchange));
  const client = await rig.connect();
  client.send(GET);
  const exchange = await opened.promise;
  let over = false;
  const drained = rig.server.drain(0).then(() => (over = true));
  await eventLoopTurns(5);
  assert.equal(over, false);
  hello(exchange);
  await client.closed();
  await drained;
  assert.match(client.text, /Connection: close\r\n\r\nhello$/);
});

test('ConnectionServer.drain serves pipelined requests of an answer that had promised to stay', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => {
    if (rig.finished.length > 0) {
      hello(exchange);
      return;
    }
    exchange.start(
      { status: 200, reason: 'OK', headers: ['Content-Length', '0'] },
      { onDrain: () => {}, onAbort: () => {} },
    );
    opened.resolve(exchange);
  });
  const client = await rig.connect();
  client.send(GET + GET);
  const exchange = await opened.promise;
  const drained = rig.server.drain(0);
  exchange.end();
  await client.closed();
  await drained;
  assert.match(client.text, /keep-alive\r\n\r\nHTTP[^]*Connection: close\r\n\r\nhello$/);
});

test('ConnectionServer.drain closes a connection that had promised to stay after its grace, when nothing more comes', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: ['Content-Length', '0'] }, UNOBSERVED);
    opened.resolve(exchange);
  });
  const client = await rig.connect();
  client.send(GET);
  const exchange = await opened.promise;
  const drained = rig.server.drain(1);
  exchange.end();
  await client.closed();
  await drained;
  assert.match(client.text, /keep-alive\r\n\r\n$/);
  assert.equal(client.outcome, 'ended');
});

test('ConnectionServer.drain closes idle uwsgi connections too', async () => {
  await using rig = startUwsgi(hello);
  const client = await rig.connect();
  await eventLoopTurns(3);
  const drained = rig.server.drain(0);
  await client.closed();
  await drained;
  assert.equal(client.outcome, 'ended');
});

test('ConnectionServer.destroy cuts every connection and tells the answerers', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => opened.resolve(exchange));
  const client = await rig.connect();
  client.send(GET);
  const exchange = await opened.promise;
  rig.server.destroy();
  await client.closed();
  assert.equal(client.outcome, 'reset');
  assert.equal(exchange.aborted, true);
  assert.equal(rig.server.connectionCount, 0);
});
