import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { encodeUwsgiPacket } from '@emperor/protocol';
import * as fc from 'fast-check';

import type { Exchange } from './exchange.ts';
import { MemoryStream } from './memory-stream.test-support.ts';
import {
  type Client,
  collectBody,
  echo,
  eventLoopTurns,
  hello,
  type Rig,
  startUwsgi,
  UNOBSERVED,
  LIMITS,
} from './rig.test-support.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UwsgiServer } from './uwsgi-server.ts';

const VARIABLES = [
  'REQUEST_METHOD',
  'POST',
  'REQUEST_URI',
  '/a',
  'SERVER_PROTOCOL',
  'HTTP/1.1',
  'REMOTE_ADDR',
  '192.0.2.9',
];

function packet(body = '', variables: readonly string[] = VARIABLES): Buffer {
  const list = body === '' ? variables : [...variables, 'CONTENT_LENGTH', String(body.length)];
  return Buffer.concat([encodeUwsgiPacket(0, 0, list), Buffer.from(body, 'latin1')]);
}

test('UwsgiServer answers a request with raw HTTP and closes', async () => {
  await using rig = startUwsgi(hello);
  assert.equal(await rig.roundTrip(packet()), 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');
  assert.deepEqual(rig.finished[0]?.variables.list, VARIABLES);
});

test('UwsgiServer adds no framing to a streamed answer', async () => {
  await using rig = startUwsgi((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: [] }, UNOBSERVED);
    for (const piece of ['one', 'two']) exchange.write(Buffer.from(piece));
    exchange.end();
  });
  assert.equal(await rig.roundTrip(packet()), 'HTTP/1.1 200 OK\r\n\r\nonetwo');
});

test('UwsgiServer lets the last of two equal variables count', async () => {
  await using rig = startUwsgi((exchange) => {
    assert.equal(exchange.variables.get('A'), '2');
    hello(exchange);
  });
  assert.match(await rig.roundTrip(packet('', ['A', '1', 'A', '2'])), /^HTTP\/1\.0 200 OK/);
});

test('UwsgiServer does not repeat a protocol that would break its status line', async () => {
  await using rig = startUwsgi(hello);
  const answer = await rig.roundTrip(packet('', ['SERVER_PROTOCOL', 'HTTP/1.1\r\nA: b']));
  assert.match(answer, /^HTTP\/1\.0 200 OK\r\nContent-Type/);
});

test('UwsgiServer reads a packet and its body the same, wherever they are split', async () => {
  await using rig = startUwsgi(echo);
  const bytes = packet('hello');
  for (let split = 1; split < bytes.length; split++) {
    const client = await rig.connect();
    client.send(bytes.subarray(0, split));
    await eventLoopTurns(2);
    client.send(bytes.subarray(split));
    await client.closed();
    assert.equal(client.text, 'HTTP/1.1 200 OK\r\n\r\nhello');
  }
});

test('UwsgiServer hands a large body on as it comes, at the pace of its receiver', async () => {
  const size = 20_000_000;
  await using rig = startUwsgi((exchange) => {
    let received = 0;
    exchange.body.receive({
      onBodyData: (chunk) => {
        received += chunk.length;
        exchange.body.pause();
        setImmediate(() => exchange.body.resume());
      },
      onBodyEnd: () => {
        assert.equal(received, size);
        hello(exchange);
      },
      onBodyError: assert.fail,
    });
  });
  const client = await rig.connect();
  client.send(encodeUwsgiPacket(0, 0, [...VARIABLES, 'CONTENT_LENGTH', String(size)]));
  client.socket.write(Buffer.alloc(size));
  await client.closed();
  assert.match(client.text, /hello$/);
});

test('UwsgiServer answers a ping', async () => {
  await using rig = startUwsgi(hello);
  assert.equal(await rig.roundTrip(Buffer.from([100, 0, 0, 0])), '\x64\0\0\x01');
  assert.deepEqual(rig.complaints, []);
});

const SKIPPED: readonly [name: string, bytes: Buffer | string, complaint: RegExp][] = [
  ['HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', /^invalid request block size: 21573 \(max 4096\)\.\.\.skip$/],
  [
    'a block above buffer-size',
    packet('', ['A', 'x'.repeat(5000)]),
    /^invalid request block size: 5005 \(max 4096\)\.\.\.skip$/,
  ],
  ['an unknown modifier', Buffer.from([77, 0, 0, 0]), /^-- unavailable modifier requested: 77 --$/],
  ['an empty request', Buffer.from([0, 0, 0, 0]), /^Empty python request\. skip\.$/],
  ['lengths that do not add up', Buffer.from([0, 3, 0, 0, 9, 0, 65]), /^invalid uwsgi request/],
  ['a name without a value', Buffer.from([0, 3, 0, 0, 1, 0, 65]), /^invalid uwsgi request/],
  ['a NUL in a value', packet('', ['A', 'b\0']), /^invalid uwsgi request/],
  ['a body above limit-post', packet('x'.repeat(1001)), /^Invalid \(too big\) CONTENT_LENGTH\. skip\.$/],
];

for (const [name, bytes, complaint] of SKIPPED) {
  test(`UwsgiServer closes without an answer on ${name}, and says why once`, async () => {
    await using rig = startUwsgi(hello, { limits: { bodyBytes: 1000 } });
    assert.equal(await rig.roundTrip(typeof bytes === 'string' ? Buffer.from(bytes) : bytes), '');
    assert.equal(rig.complaints.length, 1);
    assert.match(rig.complaints[0] ?? '', complaint);
    assert.equal(rig.finished.length, 0);
  });
}

for (const [where, bytes, status] of [
  ['header', packet().subarray(0, 3), ''],
  ['variables', packet().subarray(0, 10), ''],
  ['body', packet('hello').subarray(0, -1), '400 or 408'],
] as const) {
  test(`UwsgiServer says once that a client left or stopped in the middle of its ${where}`, async () => {
    for (const leaves of [false, true]) {
      await using rig = startUwsgi(() => {}, leaves ? {} : { limits: { headTimeoutMs: 1, bodyTimeoutMs: 1 } });
      const client = await rig.connect();
      client.send(bytes);
      if (leaves) client.end();
      await client.closed();
      // Only who has sent all its variables can be answered.
      assert.match(client.text, status === '' ? /^$/ : /^HTTP\/1\.1 40[08] /);
      assert.equal(rig.complaints.length, 1);
    }
  });
}

test('UwsgiServer closes a silent connection without a word', async () => {
  await using rig = startUwsgi(hello, { limits: { headTimeoutMs: 1 } });
  assert.equal(await rig.roundTrip(''), '');
  const client = await rig.connect();
  client.end();
  await client.closed();
  assert.deepEqual(rig.complaints, []);
});

/** A request whose large body stops half-way. */
async function stopHalfWay(rig: Rig): Promise<Client> {
  const client = await rig.connect();
  client.send(encodeUwsgiPacket(0, 0, [...VARIABLES, 'CONTENT_LENGTH', '1000000']));
  client.send(Buffer.alloc(500_000));
  return client;
}

test('UwsgiServer tells the receiver of a body that its client stopped, and answers 408', async () => {
  const failed = Promise.withResolvers<Error>();
  await using rig = startUwsgi((exchange) => void collectBody(exchange).catch(failed.resolve), {
    limits: { bodyTimeoutMs: 1 },
  });
  const client = await stopHalfWay(rig);
  await client.closed();
  assert.match((await failed.promise).message, /took too long/);
  assert.match(client.text, /^HTTP\/1\.1 408 Request Timeout\r\n/);
  assert.equal(rig.complaints.length, 1);
  assert.equal(rig.finished.length, 1);
});

test('UwsgiServer tells the receiver of a body that its client vanished', async () => {
  const opened = Promise.withResolvers<Exchange>();
  const failed = Promise.withResolvers<Error>();
  await using rig = startUwsgi((exchange) => {
    opened.resolve(exchange);
    collectBody(exchange).catch(failed.resolve);
  });
  const client = await stopHalfWay(rig);
  const exchange = await opened.promise;
  client.destroy();
  assert.match((await failed.promise).message, /client is gone/);
  exchange.abort('no body');
  assert.deepEqual(
    rig.finished.map(({ aborted }) => aborted),
    [true],
  );
  assert.deepEqual(rig.complaints, []);
});

test('UwsgiServer cuts the connection when the answer is aborted', async () => {
  await using rig = startUwsgi((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: ['Content-Length', '10'] }, UNOBSERVED);
    exchange.write(Buffer.from('begun'));
    exchange.abort('the worker died');
  });
  const client = await rig.connect();
  client.send(packet());
  await client.closed();
  assert.equal(client.outcome, 'reset');
  assert.deepEqual(rig.complaints, ['answer cut short: the worker died [POST /a] (192.0.2.9)']);
});

/** Feeds bytes in pieces to a server without sockets. @returns the answer, the variables seen, the complaints */
function feed(bytes: Buffer, cuts: readonly number[]): { text: string; seen: string[][]; complaints: string[] } {
  const seen: string[][] = [];
  const complaints: string[] = [];
  const server = new UwsgiServer(
    {
      listener: { protocol: 'uwsgi', name: 'memory' },
      limits: LIMITS,
      handle: (exchange) => {
        seen.push(exchange.variables.list.slice());
        exchange.body.whenCollected(() => {
          const body = exchange.body.complete ?? assert.fail();
          exchange.respond({ status: 200, reason: 'OK', headers: [] }, body);
        });
      },
      finished: () => {},
      complain: (message) => complaints.push(message),
    },
    new TimerWheel(),
  );
  const stream = new MemoryStream();
  const handler = server.accept(stream);
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * bytes.length)))].toSorted((a, b) => a - b);
  for (const [i, from] of [0, ...places].entries()) {
    const piece = Buffer.from(bytes.subarray(from, places[i] ?? bytes.length));
    if (piece.length > 0) handler.onData(piece);
    piece.fill(0);
  }
  handler.onEnd();
  server.destroy();
  return { text: stream.text, seen, complaints };
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const text = fc.string({ maxLength: 12 }).map((part) => Buffer.from(part).toString('latin1').replaceAll('\0', ''));

test('UwsgiServer reads every well-formed packet, however it is split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 8 }),
      text,
      fc.array(share, { maxLength: 5 }),
      (pairs, body, cuts) => {
        const variables = pairs.filter(([name]) => name !== 'SERVER_PROTOCOL').flat();
        const { text: answer, seen, complaints } = feed(packet(body, ['A', 'b', ...variables]), cuts);
        assert.deepEqual(complaints, []);
        assert.equal(answer, `HTTP/1.0 200 OK\r\n\r\n${body}`);
        const expected = new Map([['A', 'b'], ...pairs]);
        if (body !== '') expected.set('CONTENT_LENGTH', String(body.length));
        assert.deepEqual(seen, [[...expected].flat()]);
      },
    ),
  );
});

test('UwsgiServer answers any bytes at all with one answer or one complaint', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
      fc.constantFrom(0, 1, 2),
      fc.array(share, { maxLength: 3 }),
      (bytes, zeros, cuts) => {
        // With a small size and modifier 0 more of them come as far as their variables.
        bytes.fill(0, 0, zeros);
        if (zeros > 0) bytes[2] = 0;
        const { text: answer, complaints } = feed(Buffer.from(bytes), cuts);
        assert.equal(complaints.length + (answer === '' ? 0 : 1), 1);
      },
    ),
  );
});
