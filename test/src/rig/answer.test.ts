import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { header, parseAnswer } from './answer.ts';

const open = { isHead: false, atEnd: false };
const ended = { isHead: false, atEnd: true };

test('parseAnswer takes a body by its Content-Length and leaves the next answer alone', () => {
  const answer = parseAnswer(
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a\r\nX: b\r\n\r\nhiHTTP/1.1 404 '),
    open,
  );
  assert.equal(answer?.body.toString(), 'hi');
  assert.equal(answer.statusLine, 'HTTP/1.1 200 OK');
  assert.equal(answer.raw.toString().endsWith('hi'), true);
  assert.equal(header(answer, 'x'), 'a, b');
});

test('parseAnswer joins chunks at whatever byte the stream is split', () => {
  const whole = Buffer.from(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n',
  );
  for (let cut = 0; cut < whole.length; cut++) assert.equal(parseAnswer(whole.subarray(0, cut), open), undefined);
  assert.equal(parseAnswer(whole, open)?.body.toString(), 'abc0123456789');
});

test('parseAnswer needs the end of the connection where there is no length', () => {
  const bytes = Buffer.from('HTTP/1.0 200 OK\r\n\r\nall of it');
  assert.equal(parseAnswer(bytes, open), undefined);
  assert.equal(parseAnswer(bytes, ended)?.body.toString(), 'all of it');
  assert.equal(parseAnswer(bytes, ended)?.endedByClose, true);
});

test('parseAnswer expects no body after HEAD nor of a 304', () => {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
  assert.equal(parseAnswer(bytes, { isHead: true, atEnd: false })?.body.length, 0);
  assert.equal(parseAnswer(Buffer.from('HTTP/1.1 304 Not Modified\r\n\r\n'), open)?.status, 304);
});

test('parseAnswer refuses what is not HTTP', () => {
  for (const bad of [
    'HTTP/1.1 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n',
  ]) {
    assert.throws(() => parseAnswer(Buffer.from(bad), open), /^Error: not (a|the)/, bad);
  }
});
