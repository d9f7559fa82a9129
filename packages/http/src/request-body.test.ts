import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { readAnswers } from './answers.test-support.ts';
import type { BodyReceiver, Exchange } from './exchange.ts';
import { collectBody, echo, eventLoopTurns, hello, startHttp, UNOBSERVED } from './rig.test-support.ts';

const post = (headers: string, body = ''): string => `POST / HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}`;
const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const isNext = (exchange: Exchange): boolean => exchange.variables.get('REQUEST_URI') === '/next';

test('RequestBody of a large request is handed on before it is complete', async () => {
  const size = 1_000_000;
  await using rig = startHttp((exchange) => {
    assert.equal(exchange.body.length, size);
    assert.equal(exchange.body.complete, undefined);
    echo(exchange);
  });
  const client = await rig.connect();
  const body = Buffer.alloc(size, 'abcdefg').toString();
  client.send(post(`Content-Length: ${size}\r\n`, body));
  await client.until((text) => text.length > size);
  assert.equal(readAnswers(client.text).answers[0]?.body, body);
});

test('RequestBody holds the client back while its receiver pauses, and loses nothing', async () => {
  const size = 30_000_000;
  const opened = Promise.withResolvers<Exchange>();
  let received = 0;
  let text = '';
  await using rig = startHttp((exchange) => {
    exchange.body.receive({
      onBodyData: (chunk) => {
        received += chunk.length;
        text += chunk.toString('latin1', 0, 1);
        exchange.body.pause();
        opened.resolve(exchange);
      },
      onBodyEnd: () => hello(exchange),
      onBodyError: assert.fail,
    });
  });
  const client = await rig.connect();
  client.send(post(`Content-Length: ${size}\r\n`));
  client.socket.write(Buffer.alloc(size, 'x'));
  const exchange = await opened.promise;
  await eventLoopTurns(100);
  assert.ok(received < 1_000_000, `${received} bytes were handed to a receiver that had paused`);
  assert.ok(client.socket.writableLength > 0, 'the client was not held back');
  while (rig.finished.length === 0) {
    exchange.body.resume();
    await eventLoopTurns(1);
  }
  assert.equal(received, size);
  assert.match(text, /^x+$/);
});

test('RequestBody that nobody receives is held up to a bound only, and the connection survives a small rest', async () => {
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => (isNext(exchange) ? hello(exchange) : opened.resolve(exchange)));
  const client = await rig.connect();
  client.send(post('Content-Length: 200000\r\n'));
  client.socket.write(Buffer.alloc(200_000, 'x'));
  const exchange = await opened.promise;
  await eventLoopTurns(20);
  hello(exchange);
  client.send(NEXT);
  await client.until((text) => readAnswers(text).answers.length === 2);
});

for (const answerAt of ['data', 'end']) {
  test(`RequestBody whose receiver pauses and answers at its ${answerAt} leaves the connection open for the next request`, async () => {
    await using rig = startHttp((exchange) => {
      if (isNext(exchange)) {
        hello(exchange);
        return;
      }
      exchange.body.receive({
        onBodyData: () => {
          exchange.body.pause();
          if (answerAt === 'data' && !exchange.responded) hello(exchange);
        },
        onBodyEnd: () => {
          if (answerAt === 'end') hello(exchange);
        },
        onBodyError: assert.fail,
      });
    });
    const client = await rig.connect();
    client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'));
    client.send(NEXT);
    await client.until((text) => readAnswers(text).answers.length === 2);
  });
}

test('RequestBody that is much larger than what was read costs the connection', async () => {
  await using rig = startHttp(hello);
  const client = await rig.connect();
  client.send(post('Content-Length: 10000000\r\n', 'x'.repeat(100_000)));
  const text = await client.until(/hello$/);
  assert.match(text, /Connection: close\r\n/);
  client.end();
  await client.closed();
});

test('RequestBody tells its receiver once that the client vanished, and never after its end', async () => {
  for (const whole of [false, true]) {
    const calls: string[] = [];
    const opened = Promise.withResolvers<Exchange>();
    await using rig = startHttp((exchange) => {
      const receiver: BodyReceiver = {
        onBodyData: (chunk) => calls.push(`data ${chunk.length}`),
        onBodyEnd: () => calls.push('end'),
        onBodyError: () => calls.push('error'),
      };
      exchange.body.receive(receiver);
      opened.resolve(exchange);
    });
    const client = await rig.connect();
    client.send(post('Transfer-Encoding: chunked\r\n', whole ? '5\r\nhello\r\n0\r\n\r\n' : '5\r\nhello\r\n'));
    const exchange = await opened.promise;
    await eventLoopTurns(3);
    client.destroy();
    while (!exchange.aborted) await eventLoopTurns(1);
    hello(exchange);
    assert.deepEqual(calls, ['data 5', whole ? 'end' : 'error']);
    assert.equal(rig.finished.length, 1);
  }
});

test('RequestBody tells a receiver that paused what arrived, and only then that no more comes', async () => {
  const calls: string[] = [];
  const opened = Promise.withResolvers<Exchange>();
  await using rig = startHttp((exchange) => {
    exchange.body.receive({
      onBodyData: (chunk) => {
        calls.push(chunk.toString());
        exchange.body.pause();
      },
      onBodyEnd: () => calls.push('end'),
      onBodyError: (error) => calls.push(error.message),
    });
    opened.resolve(exchange);
  });
  const client = await rig.connect();
  client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n5\r\nworld\r\n'));
  client.end();
  const exchange = await opened.promise;
  await eventLoopTurns(5);
  assert.deepEqual(calls, ['hello']);
  while (calls.length < 3) {
    exchange.body.resume();
    await eventLoopTurns(1);
  }
  assert.deepEqual(calls, ['hello', 'world', 'the client closed the connection in the middle of the request body']);
  hello(exchange);
  await client.closed();
  assert.match(client.text, /hello$/);
});

test('RequestBody is asked for with 100 Continue when somebody receives it', async () => {
  await using rig = startHttp(echo);
  const client = await rig.connect();
  client.send(post('Content-Length: 5\r\nExpect: 100-continue\r\n'));
  await client.until((text) => text === CONTINUE);
  client.send(`hello${NEXT}`);
  const text = await client.until(/keep-alive\r\n\r\n$/);
  const { answers } = readAnswers(text.slice(CONTINUE.length));
  assert.deepEqual(
    answers.map(({ body }) => body),
    ['hello', ''],
  );
});

test('RequestBody is not asked for when the client sends it unasked or speaks HTTP/1.0', async () => {
  await using rig = startHttp(echo);
  for (const request of [
    post('Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n', 'hello'),
    post('Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\nConnection: close\r\n', '5\r\nhello\r\n0\r\n\r\n'),
    'POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello',
  ])
    assert.match(await rig.roundTrip(request), /^HTTP\/1\.[01] 200 OK\r\n[^]*hello$/);
});

test('RequestBody is not asked for when the answer is given without it, and the connection closes', async () => {
  await using rig = startHttp(hello);
  const text = await rig.roundTrip(post('Content-Length: 5\r\nExpect: 100-continue\r\n'));
  assert.equal(
    text,
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  );
});

test('RequestBody is not asked for behind the head of an answer', async () => {
  await using rig = startHttp((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: [] }, UNOBSERVED);
    collectBody(exchange).then((body) => {
      exchange.write(body);
      exchange.end();
    }, assert.fail);
  });
  const client = await rig.connect();
  client.send(post('Content-Length: 5\r\nExpect: 100-continue\r\n'));
  await client.until(/\r\n\r\n$/);
  client.send('hello');
  await client.closed();
  assert.equal(client.text, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello');
});

test('RequestBody that is awaited after 100 Continue has its time-out', async () => {
  await using rig = startHttp(echo, { limits: { bodyTimeoutMs: 1 } });
  const text = await rig.roundTrip(post('Content-Length: 5\r\nExpect: 100-continue\r\n'));
  assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 408 Request Timeout\r\n/);
  assert.equal(rig.complaints.length, 1);
});

test('RequestBody has no time-out while nobody asked for it, or its receiver pauses', async () => {
  const opened: Exchange[] = [];
  await using rig = startHttp(
    (exchange) => {
      opened.push(exchange);
      if (opened.length === 2)
        exchange.body.receive({
          onBodyData: () => exchange.body.pause(),
          onBodyEnd: () => hello(exchange),
          onBodyError: assert.fail,
        });
    },
    { limits: { bodyTimeoutMs: 1, writeTimeoutMs: 1 } },
  );
  const waiting = await rig.connect();
  waiting.send(post('Content-Length: 5\r\nExpect: 100-continue\r\n'));
  while (opened.length < 1) await eventLoopTurns(1);
  const paused = await rig.connect();
  paused.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'));
  // A third connection shows that deadlines have been looked at.
  const stopped = await rig.connect();
  stopped.send(post('Content-Length: 5\r\n'));
  await stopped.closed();
  assert.match(stopped.text, / 408 /);
  assert.equal(waiting.text + paused.text, '');
  for (const exchange of opened) if (!exchange.responded) hello(exchange);
  await waiting.until(/hello$/);
  await paused.until(/hello$/);
});
