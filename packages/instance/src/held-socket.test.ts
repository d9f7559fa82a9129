import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { heldDescriptor } from './held-socket.ts';

const TCP = { kind: 'tcp', host: '127.0.0.1', port: 8000 } as const;

test('heldDescriptor is standard input for the address that the emperor holds, and for no other', () => {
  const environment = { EMPEROR_VASSAL_SOCKET: '127.0.0.1:8000' };
  assert.equal(heldDescriptor(TCP, environment), 0);
  assert.equal(heldDescriptor({ ...TCP, port: 8001 }, environment), undefined);
  assert.equal(heldDescriptor(TCP, {}), undefined);
});

test('heldDescriptor knows a path in any spelling, and abstract names', () => {
  assert.equal(heldDescriptor({ kind: 'unix', path: 'a.sock' }, { EMPEROR_VASSAL_SOCKET: resolve('a.sock') }), 0);
  assert.equal(heldDescriptor({ kind: 'unix', path: '\0name' }, { EMPEROR_VASSAL_SOCKET: '@name' }), 0);
  assert.equal(
    heldDescriptor({ kind: 'unix', path: 'b.sock' }, { EMPEROR_VASSAL_SOCKET: resolve('a.sock') }),
    undefined,
  );
});
