import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

const answer = (action: string, uri = '/'): string => visit([`route-run = ${action}`], uri).answer;

test('break ends the request with a head that has no body', () => {
  const plain = 'Connection: close\nContent-Type: text/plain\n\n';
  assert.equal(answer('break:403'), `403 Forbidden\n${plain}`);
  assert.equal(answer('break:403 Go Away'), `403 Go Away\n${plain}`);
  assert.equal(answer('break:999'), `999 Unknown\n${plain}`);
  assert.equal(answer('break:${QUERY_STRING}', '/?404'), `404 Not Found\n${plain}`);
});

test('break without a status closes the connection without a byte, logged as 500', () => {
  const { exchange } = visit(['route-run = break:'], '/');
  assert.equal(exchange.sent, undefined);
  assert.deepEqual([exchange.isCut, exchange.isFinished, exchange.status], [true, true, 500]);
});

test('return answers with the reason as the body', () => {
  assert.equal(answer('return:404'), '404 Not Found\nContent-Type: text/plain\nContent-Length: 9\n\nNot Found');
  assert.equal(answer('return:200'), '200 OK\nContent-Type: text/plain\nContent-Length: 2\n\nOK');
  assert.equal(answer('break-with-status:405 Nope'), '405 Nope\nContent-Type: text/plain\nContent-Length: 4\n\nNope');
});

test('break and return need a status', () => {
  assert.deepEqual(complaintsOf('route-run = break:xyz', 'route-run = return:', 'route-run = return:20'), [
    'error: invalid route syntax: "xyz" is no status',
    'error: invalid route syntax: "" is no status',
    'error: invalid route syntax: "20" is no status',
  ]);
  assert.match(answer('return:${QUERY_STRING}', '/?abc'), /^500 Internal Server Error\n/);
});

test('last and continue leave the chain and go on to the app', () => {
  for (const action of ['last:', 'continue:']) {
    const { reachedApp, exchange } = visit([`route-run = ${action}`, 'route-run = break:403'], '/');
    assert.equal(reachedApp, true);
    assert.equal(exchange.status, 200);
  }
});

test('goto jumps to the label behind it', () => {
  const rules = [
    'route-label = start',
    'route-qs = (.+) goto:$1',
    'route-run = addheader:X-Skipped: no',
    'route-label = end',
    'route-run = addheader:X-End: yes',
  ];
  const jumped = visit(rules, '/?end');
  assert.equal(jumped.exchange.header('X-Skipped'), undefined);
  assert.equal(jumped.exchange.header('X-End'), 'yes');
  assert.equal(visit(rules, '/').exchange.header('X-Skipped'), 'no');
  for (const uri of ['/?nowhere', '/?start']) {
    const lost = visit(rules, uri);
    assert.equal(lost.exchange.status, 500);
    assert.deepEqual(lost.log, ['[uwsgi-route] ERROR "goto" instruction can only jump forward (check your label !!!)']);
  }
});

test('goto to a label that is not behind it is found at start', () => {
  assert.deepEqual(complaintsOf('route-label = a', 'route-run = goto:a', 'route-run = goto:b'), [
    'error: [uwsgi-route] "goto" can only jump forward: there is no label "a" behind this rule',
    'error: [uwsgi-route] "goto" can only jump forward: there is no label "b" behind this rule',
  ]);
});
