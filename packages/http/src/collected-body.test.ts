import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { readAnswers } from './answers.test-support.ts';
import type { Exchange } from './exchange.ts';
import { collectBody, echo, eventLoopTurns, hello, startHttp } from './rig.test-support.ts';

const post = (headers: string, body = ''): string => `POST / HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}`;
const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

test('RequestBody says when all of a small body is there', async () => {
  const seen: (string | undefined)[] = [];
  const opened = Promise.withResolvers<void>();
  await using rig = startHttp((exchange) => {
    opened.resolve();
    exchange.body.whenCollected(() => {
      seen.push(exchange.body.complete?.toString());
      hello(exchange);
    });
  });
  const client = await rig.connect();
  client.send(post('Content-Length: 10\r\n', 'hello'));
  await opened.promise;
  assert.deepEqual(seen, []);
  client.send('world');
  client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n'));
  client.send(post('Content-Length: 0\r\n') + NEXT);
  await rig.until(() => rig.finished.length === 4);
  assert.deepEqual(seen, ['helloworld', 'helloworld', '', '']);
});

test('RequestBody that has arrived in chunks is handed on chunk by chunk, however the network cut them', async () => {
  const pieces: string[] = [];
  const wholes: (string | undefined)[] = [];
  await using rig = startHttp((exchange) => {
    exchange.body.whenCollected(() => {
      wholes.push(exchange.body.complete?.toString());
      assert.equal(exchange.body.isInChunks, true);
      exchange.body.receive({
        onBodyData: (chunk) => pieces.push(chunk.toString()),
        onBodyEnd: () => hello(exchange),
        onBodyError: assert.fail,
      });
    });
  });
  const client = await rig.connect();
  client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhe'));
  await eventLoopTurns(20);
  client.send('l');
  await eventLoopTurns(20);
  client.send('lo\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n');
  await rig.until(() => rig.finished.length === 1);
  assert.deepEqual([wholes, pieces], [['helloabcd'], ['hello', 'abc', 'd']]);
});

test('RequestBody says when as much of a large body is there as is held', async () => {
  const collected = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => exchange.body.whenCollected(() => collected.resolve(exchange)));
  const client = await rig.connect();
  client.send(post('Content-Length: 200000\r\n'));
  client.socket.write(Buffer.alloc(200_000, 'x'));
  const exchange = await collected.promise;
  assert.equal(exchange.body.complete, undefined);
  echo(exchange);
  await client.until((text) => readAnswers(text).answers[0]?.body.length === 200_000);
});

test('RequestBody says at once that a client waits for permission to send it', async () => {
  await using rig = startHttp((exchange) => exchange.body.whenCollected(() => echo(exchange)));
  const client = await rig.connect();
  client.send(post('Content-Length: 5\r\nExpect: 100-continue\r\n'));
  await client.until((text) => text === CONTINUE);
  client.send('hello');
  await client.until(/hello$/);
});

test('RequestBody holds more where that is asked for, and hands it on to who receives it then', async () => {
  const bytes = 300_000;
  const collected = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => exchange.body.whenCollected(() => collected.resolve(exchange), bytes));
  const client = await rig.connect();
  client.send(post(`Content-Length: ${bytes}\r\n`, 'x'.repeat(100_000)));
  client.send('y'.repeat(bytes - 100_000));
  const exchange = await collected.promise;
  assert.equal(exchange.body.complete, undefined, 'it is too large to be handed over in one piece');
  const body = collectBody(exchange);
  assert.equal((await body).length, bytes);
  hello(exchange);
  await rig.until(() => rig.finished.length === 1);
});

test('RequestBody says when its client is too slow, or gone, and the exchange is over by then', async () => {
  for (const vanishes of [false, true]) {
    const opened = Promise.withResolvers<void>();
    const collected = Promise.withResolvers<Exchange>();
    await using rig = startHttp(
      (exchange) => {
        opened.resolve();
        exchange.body.whenCollected(() => collected.resolve(exchange));
      },
      vanishes ? {} : { limits: { bodyTimeoutMs: 1 } },
    );
    const client = await rig.connect();
    client.send(post('Content-Length: 5\r\n', 'hel'));
    await opened.promise;
    if (vanishes) client.destroy();
    const exchange = await collected.promise;
    assert.equal(vanishes ? exchange.aborted : exchange.responded, true);
    hello(exchange);
    assert.equal(rig.finished.length, 1);
  }
});
