import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { compileRoutes } from './compile-routes.ts';
import { FakeExchange } from './fake-exchange.test-support.ts';
import { entriesOf, routesOf } from './route-rig.test-support.ts';

const TUTORIAL = [
  'collect-header = Content-Type RESPONSE_CONTENT_TYPE',
  'response-route-if = equal:${RESPONSE_CONTENT_TYPE};application/json addheader:uWSGI-Encoding: gzip',
  'response-route-if = startswith:${RESPONSE_CONTENT_TYPE};text/html addheader:uWSGI-Encoding: gzip',
];

/** The head of an answer of that type after the tutorial's routes. */
function tutorialHead(type: string): string {
  const { responseFilter, diagnostics } = routesOf(TUTORIAL);
  assert.deepEqual(diagnostics, []);
  const exchange = new FakeExchange();
  if (responseFilter !== undefined) exchange.addFilter(responseFilter);
  exchange.respond({ status: 200, reason: 'OK', headers: ['Content-Type', type] }, Buffer.from('x'));
  return exchange.head;
}

test("compileRoutes marks the tutorial's JSON and HTML, and nothing else", () => {
  assert.equal(tutorialHead('application/json'), '200 OK\nContent-Type: application/json\nuWSGI-Encoding: gzip\n');
  assert.match(tutorialHead('text/html; charset=utf-8'), /uWSGI-Encoding: gzip/);
  assert.equal(tutorialHead('text/css'), '200 OK\nContent-Type: text/css\n');
  assert.equal(tutorialHead('application/json; x=1'), '200 OK\nContent-Type: application/json; x=1\n');
});

test("compileRoutes prints the tutorial's table as uWSGI does", () => {
  assert.deepEqual(routesOf(TUTORIAL).dump, [
    '*** dumping internal response routing table ***',
    '[rule: 0] subject: ${RESPONSE_CONTENT_TYPE};application/json func: equal action: addheader:uWSGI-Encoding: gzip',
    '[rule: 1] subject: ${RESPONSE_CONTENT_TYPE};text/html func: startswith action: addheader:uWSGI-Encoding: gzip',
    '*** end of the internal response routing table ***',
    'collecting header Content-Type to var RESPONSE_CONTENT_TYPE',
  ]);
});

test('compileRoutes reports every bad rule with its place', () => {
  const { diagnostics } = compileRoutes(
    entriesOf([
      'route = ^/x nosuch:1',
      'route-if = foo:a;b addheader:X: 1',
      'route = ^/x',
      'collect-header = Content-Type',
    ]),
  );
  assert.deepEqual(
    diagnostics.map(({ origin, message }) => `${origin?.source}:${origin?.line}: ${message}`),
    [
      'uwsgi.ini:2: unable to register route "^/x nosuch:1". Missing router for: "nosuch"',
      'uwsgi.ini:3: unable to find "foo" route condition',
      'uwsgi.ini:4: invalid route syntax: expected what to look for, a blank, and an action',
      'uwsgi.ini:5: invalid collect header syntax, must be <header> <var>',
    ],
  );
});

test('compileRoutes makes nothing of nothing', () => {
  const { request, responseFilter, finished, dump, diagnostics } = compileRoutes([]);
  assert.deepEqual([request, responseFilter, finished], [undefined, undefined, undefined]);
  assert.deepEqual([dump, diagnostics], [[], []]);
});
