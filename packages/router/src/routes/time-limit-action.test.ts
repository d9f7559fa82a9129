import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

test('harakiri sets the time the app may take for this request', () => {
  assert.equal(visit(['route = ^/slow harakiri:30'], '/slow').exchange.record.harakiriSeconds, 30);
  assert.equal(visit(['route = ^/slow harakiri:30'], '/').exchange.record.harakiriSeconds, 0);
  assert.deepEqual(complaintsOf('route-run = harakiri:soon'), [
    'error: invalid route syntax: harakiri: needs seconds, not "soon"',
  ]);
});
