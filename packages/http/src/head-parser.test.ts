import assert from 'node:assert/strict';
import test from 'node:test';

import * as fc from 'fast-check';

import { hasToken, parseHead, type ParsedHead, trimBlanks } from './head-parser.ts';
import type { RequestOrigin } from './request-origin.ts';
import { HttpError } from './http-error.ts';

const ORIGIN: RequestOrigin = {
  serverName: 'host',
  serverPort: '80',
  remoteAddress: '192.0.2.1',
  remotePort: undefined,
  router: undefined,
  secure: false,
};

const parse = (...lines: string[]): ParsedHead => parseHead(`${lines.join('\r\n')}\r\n`, ORIGIN);
const get = (...headers: string[]): ParsedHead => parse('GET / HTTP/1.1', 'Host: a', ...headers);

test('parseHead throws nothing but HttpError, whatever the bytes', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(
      'GET',
      ' ',
      '/',
      'HTTP/1.1',
      '\r\n',
      ':',
      'Host',
      'a',
      'Content-Length',
      'Transfer-Encoding',
      '%',
      '\0',
      '\xff',
      '*',
      'http://',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        const { variables } = parseHead(`${pieces.join('')}\r\n`, ORIGIN);
        assert.ok(variables.list.every((part) => !part.includes('\0') && !part.includes('\n')));
      } catch (error) {
        assert.ok(error instanceof HttpError, String(error));
        assert.ok(error.status >= 400 && error.status <= 505);
      }
    }),
    { numRuns: 2000 },
  );
});

test('parseHead decides whether the connection may persist', () => {
  assert.equal(get().persistent, true);
  assert.equal(get('Connection: close').persistent, false);
  assert.equal(get('Connection: x', 'Connection: CLOSE').persistent, false);
  assert.equal(get('Connection: upgrade').persistent, true);
  assert.equal(parse('GET / HTTP/1.0').persistent, false);
  assert.equal(parse('GET / HTTP/1.0', 'Connection: Keep-Alive').persistent, true);
  assert.equal(parse('GET / HTTP/1.0', 'Connection: x, keep-alive').persistent, true);
  assert.equal(parse('GET / HTTP/1.0', 'Connection: keep-alive, close').persistent, false);
});

test('parseHead names an upgrade only when Connection names it', () => {
  assert.equal(get('Upgrade: websocket', 'Connection: keep-alive, Upgrade').upgrade, 'websocket');
  assert.equal(get('Upgrade: websocket').upgrade, undefined);
});

test('parseHead decides how the body is framed', () => {
  assert.deepEqual(get().framing, { kind: 'length', bytes: 0 });
  assert.deepEqual(get('content-length: 0010').framing, { kind: 'length', bytes: 10 });
  assert.deepEqual(get('Transfer-Encoding: Chunked').framing, { kind: 'chunked' });
});

test('parseHead heeds Expect from HTTP/1.1 on', () => {
  assert.equal(get('Expect: 100-Continue').expectsContinue, true);
  assert.equal(parse('GET / HTTP/1.0', 'Expect: 100-continue').expectsContinue, false);
});

test('parseHead reads a higher minor version as HTTP/1.1', () => {
  const { variables, minorVersion } = parse('GET / HTTP/1.9', 'Host: a');
  assert.equal(minorVersion, 1);
  assert.equal(variables.get('SERVER_PROTOCOL'), 'HTTP/1.1');
});

test('parseHead tells of TLS', () => {
  const { variables } = parseHead('GET / HTTP/1.0\r\n', { ...ORIGIN, secure: true });
  assert.equal(variables.get('HTTPS'), 'on');
});

test('parseHead takes hosts of every kind', () => {
  for (const host of ['a', 'a.b:80', '[::1]:80', '[::ffff:1.2.3.4]', '127.0.0.1', 'x_y', 'a:'])
    assert.equal(parse('GET / HTTP/1.1', `Host: ${host}`).variables.get('HTTP_HOST'), host);
});

test('parseHead forgets nothing of a name it has seen in another case', () => {
  for (const name of ['x-request-id', 'X-Request-ID', 'X-REQUEST-ID'])
    assert.equal(get(`${name}: 1`).variables.get('HTTP_X_REQUEST_ID'), '1');
});

test('trimBlanks takes blanks and tabs off both ends', () => {
  assert.equal(trimBlanks('x: \t a b\t x', 2, 9), 'a b');
  assert.equal(trimBlanks('   ', 0, 3), '');
});

test('hasToken finds a whole token in a list', () => {
  assert.equal(hasToken('Keep-Alive, Close', 'close'), true);
  assert.equal(hasToken('enclosed', 'close'), false);
});

test('parseHead takes the host of an absolute form, whatever the header says, and where HTTP/1.0 has none', () => {
  const host = (...lines: string[]): string | undefined => parse(...lines).variables.get('HTTP_HOST');
  assert.equal(host('GET http://b:8/x HTTP/1.1', 'Host: a'), 'b:8');
  assert.equal(host('GET http://b/x HTTP/1.0'), 'b');
  assert.equal(host('GET /x HTTP/1.0'), undefined);
});
