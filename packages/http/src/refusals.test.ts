import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import type { Exchange } from './exchange.ts';
import { collectBody, echo, hello, startHttp } from './rig.test-support.ts';

/** [what is wrong, the request as sent, the status it gets] */
type Case = readonly [name: string, request: string, status: number];

const HOST = 'Host: a\r\n';
const post = (headers: string, body = ''): string => `POST / HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const get = (headers: string): string => `GET / HTTP/1.1\r\n${HOST}${headers}\r\n`;

/** Short on the wire, longer as `HTTP_H123` in the variables. */
function numberedHeaders(count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += `h${100 + i}: b\r\n`;
  return text;
}

const HEAD_CASES: readonly Case[] = [
  ['a request line without a target', 'GARBAGE\r\n\r\n', 400],
  ['a request line without a version', 'GET /\r\n\r\n', 400],
  ['an empty method', ` / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a method that is no token', `G@T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['two blanks before the target', `GET  / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['two blanks behind the target', `GET /  HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a tab in the request line', `GET\t/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a target with a fragment', `GET /#f HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a target with a control character', `GET /\x01 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a target with a NUL', `GET /\0 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a target with an encoded NUL', `GET /%00 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a target without a slash', `GET index.html HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['an asterisk for another method than OPTIONS', `GET * HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['an absolute form with user information', `GET http://u@a/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['an absolute form of another scheme', `GET ftp://a/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a version in lower case', `GET / http/1.1\r\n${HOST}\r\n`, 400],
  ['a version with a letter', `GET / HTTP/1.x\r\n${HOST}\r\n`, 400],
  ['CONNECT', `CONNECT a:443 HTTP/1.1\r\n${HOST}\r\n`, 501],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}\r\n`, 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['HTTP/0.9 with a version', `GET / HTTP/0.9\r\n${HOST}\r\n`, 505],
  ['a TLS handshake', '\x16\x03\x01\x02\x00', 400],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['a bare line feed among the headers', `GET / HTTP/1.1\r\n${HOST}A: b\nC: d\r\n\r\n`, 400],
  ['a bare carriage return in a value', get('A: b\rC: d\r\n'), 400],
  ['a NUL in a value', get('A: b\0\r\n'), 400],
  ['a control character in a value', get('A: b\x01c\r\n'), 400],
  ['a folded line', get('A: b\r\n c\r\n'), 400],
  ['a folded line with a tab', get('A: b\r\n\tc\r\n'), 400],
  ['a folded first line', `GET / HTTP/1.1\r\n Host: a\r\n\r\n`, 400],
  ['a blank before the colon', get('A : b\r\n'), 400],
  ['a tab before the colon', get('A\t: b\r\n'), 400],
  ['a blank in a header name', get('A B: c\r\n'), 400],
  ['an empty header name', get(': b\r\n'), 400],
  ['a header line without colon', get('nonsense\r\n'), 400],
  ['a header name beyond ASCII', get('\xe4: b\r\n'), 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['a Host with a blank', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['a Host with a port that is no number', 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n', 400],
  ['a broken Host beside an absolute form', 'GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['Content-Length and Transfer-Encoding', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 400],
  ['Transfer-Encoding and Content-Length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'), 400],
  ['a repeated Content-Length', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
  ['two different Content-Lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), 400],
  ['a list of Content-Lengths', post('Content-Length: 5, 5\r\n', 'hello'), 400],
  ['a Content-Length with a plus sign', post('Content-Length: +5\r\n', 'hello'), 400],
  ['a Content-Length with a minus sign', post('Content-Length: -5\r\n'), 400],
  ['a hexadecimal Content-Length', post('Content-Length: 0x5\r\n', 'hello'), 400],
  ['a Content-Length with a fraction', post('Content-Length: 5.0\r\n', 'hello'), 400],
  ['an empty Content-Length', post('Content-Length:\r\n'), 400],
  ['a Content-Length beyond all measure', post('Content-Length: 99999999999999999999\r\n'), 400],
  ['Transfer-Encoding: gzip', post('Transfer-Encoding: gzip\r\n'), 501],
  ['Transfer-Encoding: gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n'), 501],
  ['Transfer-Encoding: chunked, gzip', post('Transfer-Encoding: chunked, gzip\r\n'), 400],
  ['Transfer-Encoding: chunked, chunked', post('Transfer-Encoding: chunked, chunked\r\n'), 400],
  ['Transfer-Encoding twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), 400],
  ['Transfer-Encoding: identity', post('Transfer-Encoding: identity\r\n'), 501],
  ['an unknown transfer coding', post('Transfer-Encoding: xchunked\r\n'), 501],
  ['a quoted transfer coding', post('Transfer-Encoding: "chunked"\r\n'), 400],
  ['an empty Transfer-Encoding', post('Transfer-Encoding:\r\n'), 400],
  ['Transfer-Encoding with a vertical tab', post('Transfer-Encoding: \x0bchunked\r\n'), 400],
  ['Transfer-Encoding in HTTP/1.0', `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ['an unknown expectation', post('Content-Length: 5\r\nExpect: 200-ok\r\n'), 417],
  ['a body above limit-post', post('Content-Length: 1001\r\n'), 413],
  ['a request line above buffer-size', `GET /${'x'.repeat(4096)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['a request line above buffer-size without end', `GET /${'x'.repeat(5000)}`, 414],
  ['a target whose variables exceed buffer-size', `GET /${'x'.repeat(3000)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['headers above buffer-size', get(`A: ${'x'.repeat(4096)}\r\n`), 431],
  ['headers above buffer-size without end', `GET / HTTP/1.1\r\n${HOST}A: ${'x'.repeat(5000)}`, 431],
  ['headers whose variables exceed buffer-size', get(numberedHeaders(400)), 431],
  ['too many header lines', get('A:\r\n'.repeat(600)), 431],
];

const CHUNK_CASES: readonly Case[] = [
  ['a chunk size that is no number', 'x\r\n', 400],
  ['an empty chunk size', '\r\nhello\r\n', 400],
  ['a negative chunk size', '-5\r\nhello\r\n', 400],
  ['a chunk size with a prefix', '0x5\r\nhello\r\n', 400],
  ['a blank before a chunk size', ' 5\r\nhello\r\n', 400],
  ['a blank behind a chunk size', '5 \r\nhello\r\n', 400],
  ['a chunk size beyond all measure', 'fffffffffffffffff\r\n', 400],
  ['a chunk size that ends in a line feed', '5\nhello\r\n', 400],
  ['a bare carriage return in a chunk extension', '5;a\rb\r\nhello\r\n', 400],
  ['a control character in a chunk extension', '5;a=\x01\r\nhello\r\n', 400],
  ['a chunk extension without name', '5;=b\r\nhello\r\n', 400],
  ['a chunk extension with an open quote', '5;a="b\r\nhello\r\n', 400],
  ['a chunk extension above all measure', `5;a=${'x'.repeat(5000)}\r\nhello\r\n`, 400],
  ['chunk extensions above all measure together', `1;a=${'x'.repeat(1000)}\r\n-\r\n`.repeat(17), 400],
  ['a chunk that is longer than its size', '5\r\nhello!\r\n', 400],
  ['a chunk that ends in a line feed', '5\r\nhello\n0\r\n\r\n', 400],
  ['a trailer that is no header line', '0\r\nnonsense\r\n\r\n', 400],
  ['a trailer with a blank before its colon', '0\r\nA : b\r\n\r\n', 400],
  ['a trailer that frames the message', '0\r\ncontent-length: 5\r\n\r\n', 400],
  ['trailers above all measure', `0\r\n${`A: ${'x'.repeat(1000)}\r\n`.repeat(17)}\r\n`, 431],
  ['chunks above limit-post', '3e9\r\n' + 'x'.repeat(1001) + '\r\n0\r\n\r\n', 413],
];

/** A whole error answer: status line, Connection: close, a body of the length declared. */
function assertRefusal(answer: string, status: number): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const lines = head.split('\r\n');
  assert.match(lines[0] ?? '', new RegExp(`^HTTP/1\\.[01] ${status} [A-Z]`));
  assert.ok(lines.includes('Connection: close'), answer);
  assert.equal(lines[0], `${lines[0]?.slice(0, 12)} ${body}`);
}

for (const [name, request, status] of HEAD_CASES) {
  test(`HttpServer answers ${status} to ${name}, closes, and complains once`, async () => {
    await using rig = startHttp(hello, { limits: { bodyBytes: 1000 } });
    const answer = await rig.roundTrip(request);
    assertRefusal(answer, status);
    assert.equal(rig.complaints.length, 1);
    assert.match(rig.complaints[0] ?? '', new RegExp(`^refused a request from 127\\.0\\.0\\.1 with ${status}: `));
    assert.equal(rig.finished.length, 0);
  });
}

for (const [name, chunks, status] of CHUNK_CASES) {
  test(`HttpServer answers ${status} to ${name}, closes, and complains once`, async () => {
    await using rig = startHttp(echo, { limits: { bodyBytes: 1000 } });
    const answer = await rig.roundTrip(post('Transfer-Encoding: chunked\r\n', chunks));
    assertRefusal(answer, status);
    assert.equal(rig.complaints.length, 1);
  });
}

test('HttpServer answers 400 to a chunk that breaks after the exchange was opened, and ignores what the answerer still does', async () => {
  const opened = Promise.withResolvers<Exchange>();
  const failed = Promise.withResolvers<Error>();
  await using rig = startHttp((exchange) => {
    opened.resolve(exchange);
    collectBody(exchange).catch((error: Error) => {
      exchange.abort(error.message);
      failed.resolve(error);
    });
  });
  const client = await rig.connect();
  client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'));
  const exchange = await opened.promise;
  client.send('nonsense\r\n');
  await client.closed();
  assertRefusal(client.text, 400);
  assert.match((await failed.promise).message, /its size in hexadecimal/);
  hello(exchange);
  assert.equal(rig.complaints.length, 1);
  assert.deepEqual(
    rig.finished.map(({ status }) => status),
    [400],
  );
});

test('HttpServer cuts the connection when a chunk breaks while the answer is streamed', async () => {
  const aborted = Promise.withResolvers<void>();
  await using rig = startHttp((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: [] }, { onDrain: () => {}, onAbort: aborted.resolve });
    exchange.write(Buffer.from('begun'));
  });
  const client = await rig.connect();
  client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'));
  await client.until(/begun$/);
  client.send('nonsense\r\n');
  await client.closed();
  await aborted.promise;
  assert.equal(client.outcome, 'reset');
  assert.doesNotMatch(client.text, /400/);
  assert.equal(rig.complaints.length, 1);
  assert.equal(rig.finished.length, 1);
});

test('HttpServer answers 408 to a head that takes too long, however it drips', async () => {
  await using rig = startHttp(hello, { limits: { headTimeoutMs: 1 } });
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\n');
  await client.closed();
  assertRefusal(client.text, 408);
  assert.equal(rig.complaints.length, 1);
});

test('HttpServer closes a connection that never sends anything without a word', async () => {
  await using rig = startHttp(hello, { limits: { headTimeoutMs: 1 } });
  const client = await rig.connect();
  await client.closed();
  assert.equal(client.text, '');
  assert.deepEqual(rig.complaints, []);
});

test('HttpServer closes an idle connection in order', async () => {
  await using rig = startHttp(hello, { limits: { idleTimeoutMs: 1 } });
  const client = await rig.connect();
  client.send(get(''));
  await client.closed();
  assert.match(client.text, /Connection: keep-alive\r\n\r\nhello$/);
  assert.equal(client.outcome, 'ended');
  assert.deepEqual(rig.complaints, []);
});

for (const framing of ['Content-Length: 10\r\n', 'Transfer-Encoding: chunked\r\n']) {
  test(`HttpServer answers 408 to a body that stops (${framing.trim()})`, async () => {
    await using rig = startHttp(echo, { limits: { bodyTimeoutMs: 1, chunkTimeoutMs: 1 } });
    assertRefusal(await rig.roundTrip(post(framing, '5\r\nhel')), 408);
    assert.equal(rig.complaints.length, 1);
    const detail = ': [uwsgi-body-read] Timeout reading 4 bytes. Content-Length: 10 consumed: 6 left: 4';
    assert.equal(rig.complaints[0]?.endsWith(detail), framing.startsWith('Content-Length'));
  });

  test(`HttpServer answers 400 to a body whose client half-closes too early (${framing.trim()})`, async () => {
    await using rig = startHttp(() => {});
    const client = await rig.connect();
    client.send(post(framing, '5\r\nhel'));
    client.end();
    await client.closed();
    assertRefusal(client.text, 400);
    assert.equal(rig.complaints.length, 1);
    assert.equal(rig.finished.length, 1);
  });

  test(`HttpServer lets who receives a body answer when its client half-closes too early (${framing.trim()})`, async () => {
    const head = { status: 400, reason: 'Bad Request', headers: ['Connection', 'close'] };
    let error = '';
    await using rig = startHttp((exchange) => {
      collectBody(exchange).catch((reason: Error) => {
        error = reason.message;
        exchange.respond(head, Buffer.from('Bad Request'));
      });
    });
    const client = await rig.connect();
    client.send(post(framing, '5\r\nhel'));
    client.end();
    await client.closed();
    assertRefusal(client.text, 400);
    assert.match(error, /in the middle of the request body/);
    assert.deepEqual(rig.complaints, []);
  });
}

test('HttpServer answers 413 to a chunk above chunked-input-limit, and takes one that is as long', async () => {
  await using rig = startHttp(echo, { limits: { chunkBytes: 5 } });
  assertRefusal(await rig.roundTrip(post('Transfer-Encoding: chunked\r\n', '6\r\nhello!\r\n0\r\n\r\n')), 413);
  assert.match(rig.complaints[0] ?? '', /a chunk has 6 bytes, more than 5 \(option chunked-input-limit\)/);
  const body = '5\r\nhello\r\n5\r\nthere\r\n0\r\n\r\n';
  assert.match(await rig.roundTrip(post('Transfer-Encoding: chunked\r\nConnection: close\r\n', body)), /hellothere$/);
});

test('HttpServer answers 413 to a body above http-manage-expect whose client asks first', async () => {
  await using rig = startHttp(echo, { limits: { expectedBytes: 4 } });
  assertRefusal(await rig.roundTrip(post('Content-Length: 5\r\nExpect: 100-continue\r\n')), 413);
  assert.match(await rig.roundTrip(post('Content-Length: 5\r\nConnection: close\r\n', 'hello')), /hello$/);
});

test('HttpServer waits for chunks as long as chunked-input-timeout says, whatever it is for other bodies', async () => {
  await using rig = startHttp(echo, { limits: { chunkTimeoutMs: 1 } });
  assertRefusal(await rig.roundTrip(post('Transfer-Encoding: chunked\r\n', '5\r\nhel')), 408);
});
