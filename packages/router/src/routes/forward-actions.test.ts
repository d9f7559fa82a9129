import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import type { ForwardTarget } from './route-settings.ts';
import { complaintsOf, visit, type Visited } from './route-rig.test-support.ts';

function forward(rules: readonly string[], uri: string): Visited & { readonly targets: readonly ForwardTarget[] } {
  const targets: ForwardTarget[] = [];
  const visited = visit(rules, uri, {
    settings: {
      forward: (target) => {
        if (target.address === 'bad') throw new Error('"bad" is no address');
        targets.push(target);
        return {
          handle: (exchange) => {
            exchange.respond({ status: 200, reason: 'OK', headers: [] }, Buffer.from(`from ${target.address}`));
            return true;
          },
        };
      },
    },
  });
  return { ...visited, targets };
}

test('http and uwsgi send the request to another server', () => {
  const { answer, targets, exchange } = forward(['route = ^/api http:127.0.0.1:8080,api.org'], '/api');
  assert.equal(answer, '200 OK\n\nfrom 127.0.0.1:8080');
  assert.equal(exchange.record.via, 'route()');
  assert.equal(exchange.variables.get('HTTP_HOST'), 'api.org');
  assert.deepEqual(targets, [
    { protocol: 'http', address: '127.0.0.1:8080', host: 'api.org', modifier1: 0, modifier2: 0 },
  ]);
  assert.deepEqual(forward(['route-run = uwsgi:/tmp/app.sock,5,6'], '/').targets, [
    { protocol: 'uwsgi', address: '/tmp/app.sock', host: undefined, modifier1: 5, modifier2: 6 },
  ]);
});

test('http goes where a variable says', () => {
  const rules = ['route-run = addvar:BACKEND=${qs[b]}', 'route-run = http:${BACKEND}'];
  assert.equal(forward(rules, '/?b=10.0.0.1:80').answer, '200 OK\n\nfrom 10.0.0.1:80');
  const lost = forward(rules, '/?b=bad');
  assert.equal(lost.exchange.status, 500);
  assert.deepEqual(lost.log, ['[uwsgi-route] unable to forward to "bad": invalid route syntax: "bad" is no address']);
  assert.equal(forward(rules, '/').exchange.status, 500);
});

test('http is refused where it cannot work', () => {
  assert.throws(() => forward(['route-run = http:bad'], '/'), { message: 'invalid route syntax: "bad" is no address' });
  assert.deepEqual(
    complaintsOf('route-run = http:', 'route-run = uwsgi:a,300', 'response-route-run = http:a', 'route-run = http:a'),
    [
      'error: invalid route syntax: the address to forward to is missing',
      'error: invalid route syntax: "300" is no modifier from 0 to 255',
      'error: the action http: does nothing when there is an answer already',
      'error: http: cannot forward requests here yet',
    ],
  );
});
