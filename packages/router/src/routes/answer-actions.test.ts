import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

const answer = (...rules: readonly string[]): string =>
  visit(
    rules.map((rule) => `route-run = ${rule}`),
    '/?a=b',
  ).answer;

test('redirect sends what uWSGI sends', () => {
  assert.equal(answer('redirect:/x?${QUERY_STRING}'), '302 Found\nLocation: /x?a=b\n\nMoved');
  assert.equal(answer('redirect-302:http://x/'), '302 Found\nLocation: http://x/\n\nMoved');
  const permanent = '301 Moved Permanently\nLocation: http://x/\n\nMoved Permanently';
  assert.equal(answer('redirect-301:http://x/'), permanent);
  assert.equal(answer('redirect-permanent:http://x/'), permanent);
  assert.deepEqual(complaintsOf('route-run = redirect:'), ['error: invalid route syntax: redirect: needs a URL']);
});

test('redirect percent-encodes what cannot stand in a URL, line breaks above all', () => {
  const { exchange } = visit(['route = ^/([\\s\\S]*) redirect:/$1'], '/', { path: '/a\r\nSet-Cookie: x=\xe9%20' });
  assert.equal(exchange.header('Location'), '/a%0D%0ASet-Cookie:%20x=%E9%20');
});

test('send and break are an answer', () => {
  assert.equal(answer('send:hello', 'send: you', 'break:'), '200 OK\nContent-Type: text/plain\n\nhello you');
  assert.equal(answer('send:hello ', 'return:404'), '404 Not Found\nContent-Type: text/plain\n\nhelloNot Found');
  assert.equal(answer('send-crnl:line', 'break:'), '200 OK\nContent-Type: text/plain\n\nline\r\n');
});

test('send can make a whole answer with its head', () => {
  assert.equal(
    answer('send-crnl:HTTP/1.1 418 Teapot', 'send-crnl:X-Tea: green', 'send-crnl:', 'send:short', 'break:'),
    '418 Teapot\nX-Tea: green\n\nshort',
  );
  assert.equal(answer('send-crnl:HTTP/1.0 404', 'break:'), '404 Not Found\n\n');
});

test('send without break goes in front of the body of the app', () => {
  assert.match(answer('send:pre-'), /\n\npre-app$/);
  const { exchange } = visit(['response-route-run = send:pre-'], '/', {
    headers: ['Content-Length', '3'],
    streams: true,
  });
  assert.equal(exchange.text, 'pre-app');
  assert.equal(exchange.header('Content-Length'), undefined);
});
