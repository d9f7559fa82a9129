import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import type { Exchange, ResponseFilter, ResponseHead } from './exchange.ts';
import { hello, startHttp, UNOBSERVED } from './rig.test-support.ts';
import { firstOfTwo, GET, NEXT, ok, start } from './two-answers.test-support.ts';

test('Http1Exchange adds the length and Connection behind the headers of the answer', async () => {
  await using rig = start((exchange) => exchange.respond(ok('A', 'b'), Buffer.from('body')));
  const { head, body } = await firstOfTwo(rig);
  assert.deepEqual(head, ['HTTP/1.1 200 OK', 'A: b', 'Content-Length: 4', 'Connection: keep-alive']);
  assert.equal(body, 'body');
});

test('Http1Exchange sends a streamed answer of unknown length in chunks', async () => {
  const large = 'x'.repeat(100_000);
  await using rig = start((exchange) => {
    exchange.start(ok(), UNOBSERVED);
    for (const piece of ['one', '', 'two', large]) exchange.write(Buffer.from(piece));
    exchange.end();
  });
  const { head, body } = await firstOfTwo(rig);
  assert.deepEqual(head, ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Connection: keep-alive']);
  assert.equal(body, `onetwo${large}`);
  assert.equal(rig.finished[0]?.bodyBytes, 6 + large.length);
});

test('Http1Exchange sends a streamed answer of declared length as it is', async () => {
  await using rig = start((exchange) => {
    exchange.start(ok('content-length', '6'), UNOBSERVED);
    for (const piece of ['one', 'two']) exchange.write(Buffer.from(piece));
    exchange.end();
  });
  const { head, body } = await firstOfTwo(rig);
  assert.deepEqual(head, ['HTTP/1.1 200 OK', 'content-length: 6', 'Connection: keep-alive']);
  assert.equal(body, 'onetwo');
});

const BODYLESS: readonly [name: string, request: string, head: ResponseHead, sent: string[]][] = [
  ['HEAD', GET.replace('GET', 'HEAD'), ok('Content-Length', '4'), ['HTTP/1.1 200 OK', 'Content-Length: 4']],
  ['HEAD without a length', GET.replace('GET', 'HEAD'), ok(), ['HTTP/1.1 200 OK']],
  ['204', GET, { status: 204, reason: 'No Content', headers: ['Content-Length', '4'] }, ['HTTP/1.1 204 No Content']],
  [
    '304',
    GET,
    { status: 304, reason: 'Not Modified', headers: ['ETag', '"1"'] },
    ['HTTP/1.1 304 Not Modified', 'ETag: "1"'],
  ],
];

for (const [name, request, head, sent] of BODYLESS) {
  test(`Http1Exchange sends no body to ${name}, given whole or streamed`, async () => {
    for (const streamed of [false, true]) {
      await using rig = start((exchange) => {
        const given = { ...head, headers: head.headers.slice() };
        if (streamed) {
          exchange.start(given, UNOBSERVED);
          exchange.write(Buffer.from('body'));
          exchange.end();
        } else {
          exchange.respond(given, Buffer.from('body'));
        }
      });
      assert.deepEqual((await firstOfTwo(rig, request)).head, [...sent, 'Connection: keep-alive']);
      assert.equal(rig.finished[0]?.bodyBytes, 0);
      assert.deepEqual(rig.complaints, []);
    }
  });
}

test('Http1Exchange cuts off what exceeds the declared length, and the connection stays in step', async () => {
  for (const streamed of [false, true]) {
    await using rig = start((exchange) => {
      if (streamed) {
        exchange.start(ok('Content-Length', '4'), UNOBSERVED);
        for (const piece of ['bo', 'dy and', ' more']) exchange.write(Buffer.from(piece));
        exchange.end();
      } else {
        exchange.respond(ok('Content-Length', '4'), Buffer.from('body and more'));
      }
    });
    assert.equal((await firstOfTwo(rig)).body, 'body');
    assert.equal(rig.finished[0]?.bodyBytes, 4);
    assert.match(rig.complaints[0] ?? '', /^the app sent \d+ bytes where its Content-Length allows \d+ more/);
  }
});

test('Http1Exchange cuts the connection when less than the declared length comes', async () => {
  for (const streamed of [false, true]) {
    await using rig = start((exchange) => {
      if (streamed) {
        exchange.start(ok('Content-Length', '40'), UNOBSERVED);
        exchange.write(Buffer.from('body'));
        exchange.end();
      } else {
        exchange.respond(ok('Content-Length', '40'), Buffer.from('body'));
      }
    });
    const client = await rig.connect();
    client.send(GET + NEXT);
    await client.closed();
    assert.equal(client.outcome, 'reset');
    assert.doesNotMatch(client.text, /hello/);
    assert.equal(rig.complaints.length, 1);
    assert.equal(rig.finished.length, 1);
  }
});

test('Http1Exchange leaves out a length that cannot be true', async () => {
  for (const headers of [
    ['Content-Length', 'many'],
    ['Content-Length', '-1'],
    ['Content-Length', '3', 'content-length', '4'],
  ]) {
    await using rig = start((exchange) => {
      exchange.start(ok(...headers), UNOBSERVED);
      exchange.write(Buffer.from('body'));
      exchange.end();
    });
    const { head, body } = await firstOfTwo(rig);
    assert.deepEqual(head, ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Connection: keep-alive']);
    assert.equal(body, 'body');
  }
});

test('Http1Exchange sends one of several equal lengths', async () => {
  await using rig = start((exchange) =>
    exchange.respond(ok('Content-Length', '4', 'Content-length', '4'), Buffer.from('body')),
  );
  assert.deepEqual((await firstOfTwo(rig)).head, ['HTTP/1.1 200 OK', 'Content-Length: 4', 'Connection: keep-alive']);
});

test('Http1Exchange passes on the framing of an app that chunks by itself, without a length, and closes', async () => {
  await using rig = start((exchange) => {
    exchange.start(ok('Content-Length', '4', 'Transfer-Encoding', 'chunked'), UNOBSERVED);
    exchange.write(Buffer.from('4\r\nbody\r\n0\r\n\r\n'));
    exchange.end();
  });
  assert.equal(
    await rig.roundTrip(GET + NEXT),
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
  );
});

test('Http1Exchange closes when the answer says so', async () => {
  await using rig = start((exchange) => exchange.respond(ok('connection', 'Close'), Buffer.from('body')));
  assert.equal(await rig.roundTrip(GET + NEXT), 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody');
});

const BROKEN_HEADS: readonly [name: string, head: ResponseHead][] = [
  ['a line break in a value', ok('A', 'b\r\nSet-Cookie: c=d')],
  ['a bare line feed in a value', ok('A', 'b\nc')],
  ['a bare carriage return in a value', ok('A', 'b\rc')],
  ['a NUL in a value', ok('A', 'b\0')],
  ['a character whose low byte is a line feed', ok('A', 'bĊC: d')],
  ['a line break in a name', ok('A: b\r\nC', 'd')],
  ['a colon in a name', ok('A:', 'b')],
  ['a blank in a name', ok('A ', 'b')],
  ['an empty name', ok('', 'b')],
  ['a line break in the reason', { status: 200, reason: 'OK\r\nA: b', headers: [] }],
  ['an interim status', { status: 100, reason: 'Continue', headers: [] }],
  ['101, which nobody asked for', { status: 101, reason: 'Switching Protocols', headers: [] }],
  ['a status that is no number', { status: Number.NaN, reason: '', headers: [] }],
];

for (const [name, broken] of BROKEN_HEADS) {
  test(`Http1Exchange answers 500 in place of ${name}`, async () => {
    for (const streamed of [false, true]) {
      let aborts = 0;
      await using rig = start((exchange) => {
        const head = { ...broken, headers: broken.headers.slice() };
        if (streamed) {
          exchange.start(head, { onDrain: () => {}, onAbort: () => aborts++ });
          exchange.write(Buffer.from('body'));
          exchange.end();
        } else {
          exchange.respond(head, Buffer.from('body'));
        }
      });
      const answer = await rig.roundTrip(GET + NEXT);
      assert.equal(
        answer,
        'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nInternal Server Error',
      );
      assert.equal(rig.complaints.length, 1);
      assert.equal(rig.finished.length, 1);
      assert.equal(rig.finished[0]?.status, 500);
      assert.equal(aborts, streamed ? 1 : 0);
    }
  });
}

test('Http1Exchange answers 500 when a filter breaks the head, such as a route that echoes a decoded path', async () => {
  const filter: ResponseFilter = {
    filterHead: (exchange, head) => {
      head.headers.push('Location', exchange.variables.get('PATH_INFO') ?? '');
      return undefined;
    },
  };
  await using rig = startHttp((exchange) => {
    exchange.addFilter(filter);
    hello(exchange);
  });
  assert.match(await rig.roundTrip('GET /%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 500 /);
});

test('Http1Exchange puts added headers behind those of the answer', async () => {
  await using rig = start((exchange) => {
    exchange.addHeader('X-Added', '1');
    hello(exchange);
  });
  const { head } = await firstOfTwo(rig);
  assert.deepEqual(head.slice(1, 3), ['Content-Type: text/plain', 'X-Added: 1']);
  assert.equal(rig.finished[0]?.headerCount, 2);
  assert.equal(rig.finished[0]?.headBytes, 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Added: 1\r\n\r\n'.length);
});

test('Http1Exchange answers 500 when it is aborted before it began, and cuts the connection afterwards', async () => {
  await using rig = start((exchange) => exchange.abort('the worker died'));
  assert.match(await rig.roundTrip(GET + NEXT), /^HTTP\/1\.1 500 Internal Server Error\r\n/);
  assert.match(rig.complaints.join(), /^no answer: the worker died \[GET \/\] \(127\.0\.0\.1\)$/);

  await using begun = start((exchange) => {
    exchange.start(ok(), UNOBSERVED);
    exchange.write(Buffer.from('begun'));
    exchange.abort('the worker died');
    exchange.abort('again');
    exchange.write(Buffer.from('more'));
    exchange.end();
  });
  const client = await begun.connect();
  client.send(GET + NEXT);
  await client.closed();
  assert.equal(client.outcome, 'reset');
  assert.deepEqual(begun.complaints, ['answer cut short: the worker died [GET /] (127.0.0.1)']);
  assert.equal(begun.finished.length, 1);
});

test('Http1Exchange refuses a second answer', async () => {
  const thrown = Promise.withResolvers<unknown>();
  await using rig = start((exchange) => {
    hello(exchange);
    try {
      hello(exchange);
    } catch (error) {
      thrown.resolve(error);
    }
  });
  await firstOfTwo(rig);
  assert.match(String(await thrown.promise), /answered already/);
});

test('Http1Exchange asks the answerer to wait for a client that does not read, and tells it when to go on', async () => {
  const piece = Buffer.alloc(65_536, 'x');
  const total = 200;
  let written = 0;
  const stopped = Promise.withResolvers<number>();
  const pump = (exchange: Exchange): void => {
    while (written < total) {
      written++;
      if (!exchange.write(piece)) break;
    }
    if (written === total) exchange.end();
  };
  await using rig = startHttp((exchange) => {
    exchange.start(ok('Connection', 'close'), { onDrain: () => pump(exchange), onAbort: () => {} });
    pump(exchange);
    stopped.resolve(written);
  });
  const client = await rig.connect();
  client.socket.pause();
  client.send(GET);
  assert.ok((await stopped.promise) < total, 'all was written before the client read anything');
  client.socket.resume();
  await client.closed();
  assert.equal(client.text.length - client.text.indexOf('\r\n\r\n') - 4, total * piece.length);
});
