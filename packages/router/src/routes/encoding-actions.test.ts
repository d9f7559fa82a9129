import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { createAutoGzip } from '../encode/auto-gzip.ts';
import { complaintsOf, visit, type Visit } from './route-rig.test-support.ts';

const GZIP: Visit = { variables: { HTTP_ACCEPT_ENCODING: 'gzip' }, headers: ['Content-Length', '3'] };

test('gzip compresses for clients that accept it, whether asked before or after the app', () => {
  for (const option of ['route-run', 'response-route-run']) {
    const { exchange } = visit([`${option} = gzip:`], '/', GZIP);
    assert.equal(exchange.head, '200 OK\nVary: Accept-Encoding\nContent-Encoding: gzip\n');
    assert.equal(gunzipSync(exchange.sentBody).toString(), 'app');
    assert.equal(visit([`${option} = gzip:`], '/').exchange.text, 'app');
  }
});

test('gzip and auto-gzip together compress once', () => {
  const rules = ['route-run = gzip:', 'response-route-run = addheader:uWSGI-Encoding: gzip'];
  const { exchange } = visit(rules, '/', { ...GZIP, headers: [], filters: [createAutoGzip()] });
  assert.equal(gunzipSync(exchange.sentBody).toString(), 'app');
  assert.equal(exchange.header('uWSGI-Encoding'), undefined);
});

test('a body that rules have changed is compressed with what they added', async () => {
  const rules = ['response-route-run = send:pre-', 'response-route-run = addheader:uWSGI-Encoding: gzip'];
  const { exchange } = visit(rules, '/', { ...GZIP, headers: [], filters: [createAutoGzip()] });
  await exchange.whenFinished;
  assert.equal(gunzipSync(exchange.sentBody).toString(), 'pre-app');
  assert.equal(exchange.header('Content-Encoding'), 'gzip');
});

test('actions on framing are taken and have nothing to do', () => {
  const rules = ['chunked:', 'fixcl:', 'forcecl:', 'flush:', 'offload:', 'donotoffload:'].map(
    (rule) => `route-run = ${rule}`,
  );
  assert.match(visit(rules, '/').answer, /^200 OK\n[\s\S]*\napp$/);
});

test('actions that are known and not there are left out, but for those that hold requests back', () => {
  assert.deepEqual(complaintsOf('route-run = rpc:f', 'route-run = cache:key=x', 'route-run = access:allow=1'), [
    'warning: the action rpc: is not supported, the rule is left out: rules cannot call functions of the app',
    'warning: cache: there is no cache, the rule is left out',
    'error: the action access: is not supported: use route-remote-addr or the condition ipv4in',
  ]);
});
