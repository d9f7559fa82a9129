import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

test('log writes a line', () => {
  const { log } = visit(['route = ^/é log:é ${PATH_INFO} ${nothing}.'], '/', { path: '/\xc3\xa9' });
  assert.deepEqual(log, ['é /é .']);
});

test('logvar sets a variable of log-format, in any phase', () => {
  const { exchange } = visit(
    [
      'route-run = logvar:a=${PATH_INFO}',
      'response-route-run = logvar:b=2',
      'final-route-run = logvar:c=${uwsgi[status]}',
    ],
    '/x',
  );
  assert.deepEqual(Object.fromEntries(exchange.record.logVariables ?? []), { a: '/x', b: '2', c: '200' });
  assert.deepEqual(complaintsOf('route-run = logvar:foo'), [
    'error: invalid logvar syntax, must be key=value, not "foo"',
  ]);
});

test('donotlog silences the request line', () => {
  assert.equal(visit(['route = ^/quiet donotlog:'], '/quiet').exchange.record.silent, true);
  assert.equal(visit(['route = ^/quiet donotlog:'], '/loud').exchange.record.silent, false);
  assert.equal(visit(['final-route-status = 200 donotlog:'], '/').exchange.record.silent, true);
});
