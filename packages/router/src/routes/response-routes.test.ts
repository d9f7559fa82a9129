import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { FakeExchange } from './fake-exchange.test-support.ts';
import { routesOf, visit, type Visit } from './route-rig.test-support.ts';

const answer = (rules: readonly string[], uri: string, given: Visit = {}): string => visit(rules, uri, given).answer;

test('response rules can replace the answer of the app', () => {
  const rules = [
    'response-route = ^/break$ break:',
    'response-route = ^/forbidden$ break:403 Foo',
    'response-route = ^/return$ return:404',
    'response-route = ^/redirect$ redirect:/x',
  ];
  for (const streams of [false, true]) {
    assert.equal(answer(rules, '/break', { streams }), '200 OK\nContent-Type: text/html\nX-App: 1\n\n');
    assert.equal(answer(rules, '/forbidden', { streams }), '403 Foo\nConnection: close\nContent-Type: text/plain\n\n');
    assert.equal(answer(rules, '/return', { streams }), '404 Not Found\nContent-Type: text/plain\n\nNot Found');
    assert.equal(answer(rules, '/redirect', { streams }), '302 Found\nLocation: /x\n\nMoved');
  }
});

test('response rules end with last', () => {
  const rules = ['response-route = ^/last last:', 'response-route-run = addheader:X-B: 1'];
  assert.doesNotMatch(answer(rules, '/last'), /X-B/);
  assert.match(answer(rules, '/'), /X-B/);
});

test('response rules see the status and what was collected', () => {
  const rules = [
    'collect-header = content-type TYPE',
    'pull-header = X-App APP',
    'response-route-status = 404 addheader:X-Lost: ${APP}',
    'response-route-if-not = startswith:${TYPE};text/html addheader:X-Not: ${TYPE}',
  ];
  assert.equal(answer(rules, '/', { status: 404 }), '404 Reason\nContent-Type: text/html\nX-Lost: 1\n\napp');
  const { exchange } = visit(rules, '/', { headers: ['content-type', 'a/b'] });
  assert.equal(exchange.header('X-Not'), 'a/b');
  assert.equal(exchange.variables.get('TYPE'), 'a/b');
});

test('answers of request rules go through response rules too', () => {
  const rules = ['route-run = addheader:X-A: 1', 'route-run = break:403', 'response-route-run = addheader:X-B: 1'];
  assert.equal(answer(rules, '/'), '403 Forbidden\nConnection: close\nContent-Type: text/plain\nX-A: 1\nX-B: 1\n\n');
});

test('error rules are asked before response rules, about good answers too', () => {
  const rules = [
    'error-route-status = 404 redirect:/x',
    'error-route-status = 500 send:oops',
    'error-route-status = 500 break:',
    'error-route = ^/503 return:503',
    'error-route-run = addheader:X-Error: 1',
    'response-route-run = addheader:X-Resp: 1',
  ];
  const visited = (status: number, uri = '/'): string => answer(rules, uri, { status, headers: [] });
  assert.equal(visited(404), '302 Found\nLocation: /x\nX-Resp: 1\n\nMoved');
  assert.equal(visited(500), '500 Reason\nX-Resp: 1\n\noops');
  assert.equal(
    visited(400, '/503'),
    '503 Service Unavailable\nContent-Type: text/plain\nX-Resp: 1\n\nService Unavailable',
  );
  assert.equal(visited(403), '403 Reason\nX-Error: 1\nX-Resp: 1\n\napp');
  assert.equal(visited(200), '200 OK\nX-Error: 1\nX-Resp: 1\n\napp');
});

test('final rules are asked when all is over', () => {
  const rules = ['collect-header = X-App APP', 'final-route = ^/x log:final ${uwsgi[status]} ${uwsgi[rsize]} ${APP}'];
  assert.deepEqual(visit(rules, '/x').log, ['final 200 3 1']);
  assert.deepEqual(visit([...rules, 'route-run = return:404'], '/x').log, ['final 404 9 ']);
  assert.deepEqual(visit(['final-route-run = break:', 'final-route-run = log:no'], '/').log, []);
});

test('a jump that leads nowhere leaves the answer as it is', () => {
  const { log, exchange } = visit(['response-route-run = goto:${QUERY_STRING}'], '/?nowhere');
  assert.equal(exchange.text, 'app');
  assert.equal(log.length, 1);
});

test('headers of rules and of add-header stay when the own headers of an answer go', () => {
  const rules = [
    'route-run = addheader:X-Request: 1',
    'response-route-run = addheader:X-Before: 1',
    'pull-header = X-Pulled PULLED',
    'response-route = ^/clear clearheaders:404',
    'response-route = ^/return return:403',
    'response-route = ^/del delheader:X-Before',
  ];
  const added = 'X-Option: 1\nX-Request: 1\n';
  const visited = (uri: string): string => {
    const routes = routesOf(rules, { addedHeaders: 1 });
    const exchange = new FakeExchange({ uri });
    exchange.addHeader('X-Option', '1');
    if (routes.responseFilter !== undefined) exchange.addFilter(routes.responseFilter);
    routes.request?.handle(exchange);
    exchange.respond({ status: 200, reason: 'OK', headers: ['X-Pulled', '1', 'X-App', '1'] }, Buffer.from('app'));
    return exchange.head;
  };
  assert.equal(visited('/clear'), `404 Not Found\n${added}X-Before: 1\n`);
  assert.equal(visited('/return'), `403 Forbidden\nContent-Type: text/plain\n${added}X-Before: 1\n`);
  assert.equal(visited('/del'), `200 OK\nX-App: 1\n${added}`);
});
