import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpError } from './http-error.ts';
import { parseHttp2Head } from './http2-head.ts';
import type { RequestOrigin } from './request-origin.ts';

const ORIGIN: RequestOrigin = {
  serverName: 'machine',
  serverPort: '8443',
  remoteAddress: '192.0.2.1',
  remotePort: '4711',
  router: 'http',
  secure: true,
};
const GET = [':method', 'GET', ':scheme', 'https', ':authority', 'example.com', ':path', '/a%20b?x=1'];

function refusal(fields: readonly string[], maxBytes: number = 4096): number {
  try {
    parseHttp2Head(fields, maxBytes, ORIGIN);
  } catch (error) {
    assert.ok(error instanceof HttpError);
    return error.status;
  }
  return 0;
}

test('parseHttp2Head gives the variables of the same request over HTTP/1.1', () => {
  const { variables, method } = parseHttp2Head([...GET, 'accept', '*/*'], 4096, ORIGIN);
  assert.equal(method, 'GET');
  assert.equal(variables.get('PATH_INFO'), '/a b');
  assert.equal(variables.get('QUERY_STRING'), 'x=1');
  assert.equal(variables.get('SERVER_PROTOCOL'), 'HTTP/2.0');
  assert.equal(variables.get('HTTP_HOST'), 'example.com');
  assert.equal(variables.get('HTTP_ACCEPT'), '*/*');
  assert.equal(variables.get('HTTPS'), 'on');
});

test('parseHttp2Head puts the crumbs of a cookie together', () => {
  const { variables } = parseHttp2Head([...GET, 'cookie', 'a=1', 'x-other', '1', 'cookie', 'b=2'], 4096, ORIGIN);
  assert.equal(variables.get('HTTP_COOKIE'), 'a=1; b=2');
});

test('parseHttp2Head lets the authority count, not a host beside it', () => {
  assert.equal(parseHttp2Head([...GET, 'host', 'other'], 4096, ORIGIN).variables.get('HTTP_HOST'), 'example.com');
  const alone = [':method', 'GET', ':path', '/', 'host', 'other'];
  assert.equal(parseHttp2Head(alone, 4096, ORIGIN).variables.get('HTTP_HOST'), 'other');
});

test('parseHttp2Head refuses what could be read as more than one field or request', () => {
  assert.equal(refusal([...GET, 'x-one', 'a\r\nx-two: b']), 400);
  assert.equal(refusal([...GET, 'x-one\r\nx-two', 'a']), 400);
  assert.equal(refusal([':method', 'GET', ':authority', 'a', ':path', '/ HTTP/1.1\r\nx: y']), 400);
  assert.equal(refusal([':method', 'GET', ':authority', 'a', ':path', '/a b']), 400);
  assert.equal(refusal([':method', 'G T', ':authority', 'a', ':path', '/']), 400);
});

test('parseHttp2Head refuses a request without a host, CONNECT, and more than fits', () => {
  assert.equal(refusal([':method', 'GET', ':path', '/']), 400);
  assert.equal(refusal([':method', 'CONNECT', ':authority', 'a:1', ':path', 'a:1']), 501);
  assert.equal(refusal([...GET, 'x-long', 'x'.repeat(500)], 400), 431);
});
