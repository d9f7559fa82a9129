import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

test('addheader puts lines behind those of the app, request rules before response rules', () => {
  const { exchange } = visit(
    ['response-route-run = addheader:X-B: 3', 'route-run = addheader:X-A: 1', 'route-run = addheader:X-A: 2'],
    '/',
  );
  assert.equal(exchange.head, '200 OK\nContent-Type: text/html\nX-App: 1\nX-A: 1\nX-A: 2\nX-B: 3\n');
});

test('addheader trims blanks, and skips what turns out to be no header', () => {
  const { exchange, log } = visit(['route-run = addheader: X-A :  v ', 'route-run = addheader:${QUERY_STRING}'], '/?x');
  assert.equal(exchange.header('X-A'), 'v');
  assert.deepEqual(log, ['[uwsgi-route] no header to be added in "x"']);
  assert.deepEqual(complaintsOf('route-run = addheader:X'), ['error: addheader needs NAME: VALUE, not "X"']);
});

test('delheader in request rules takes the headers of the app, not those of rules', () => {
  const { exchange } = visit(
    ['route-run = addheader:X-App: mine', 'route-run = delheader:x-app', 'route-run = remheader:Content-Type'],
    '/',
    { headers: ['Content-Type', 'text/html', 'X-App', '1', 'X-App', '2', 'X-Two', '2'] },
  );
  assert.equal(exchange.head, '200 OK\nX-Two: 2\nX-App: mine\n');
});

test('delheader in response rules takes what is there by then', () => {
  const { exchange } = visit(['response-route-run = delheader:X-App', 'response-route-run = addheader:X-App: 2'], '/');
  assert.equal(exchange.head, '200 OK\nContent-Type: text/html\nX-App: 2\n');
});

test('clearheaders gives the answer another status and other headers', () => {
  const head = (action: string): string =>
    visit([`response-route-run = ${action}`, 'response-route-run = addheader:X-B: 1'], '/').answer;
  assert.equal(head('clearheaders:403 Foo'), '403 Foo\nX-B: 1\n\napp');
  assert.equal(head('resetheaders:202'), '202 Accepted\nX-B: 1\n\napp');
  assert.equal(head('clearheaders:'), '200 OK\nX-B: 1\n\napp');
});

test('clearheaders in a request rule is the head of what send and break make', () => {
  const answer = (...actions: readonly string[]): string =>
    visit(
      actions.map((action) => `route-run = ${action}`),
      '/',
    ).answer;
  assert.equal(
    answer('clearheaders:202 Taken', 'addheader:X-B: 1', 'send:hello', 'break:'),
    '202 Taken\nX-B: 1\n\nhello',
  );
  assert.equal(answer('clearheaders:202', 'break:'), '202 Accepted\n\n');
  assert.match(answer('clearheaders:202'), /^200 OK\n/);
});

test('an action that does nothing where it stands is left out, and told of', () => {
  assert.deepEqual(complaintsOf('final-route-run = addheader:X: 1'), [
    'warning: the action addheader: does nothing when the answer has been sent, the rule is left out',
  ]);
});
