import assert from 'node:assert/strict';
import test from 'node:test';

import { BackendGroup } from './backend-group.ts';

const group = (...ports: number[]): BackendGroup =>
  new BackendGroup(ports.map((port) => ({ name: `b:${port}`, address: { kind: 'tcp', host: 'b', port } })));
const names = (backends: { name: string }[]): string[] => backends.map(({ name }) => name);

test('BackendGroup takes its backends in turn', () => {
  const backends = group(1, 2, 3);
  assert.deepEqual(names(backends.order(0)), ['b:1', 'b:2', 'b:3']);
  assert.deepEqual(names(backends.order(0)), ['b:2', 'b:3', 'b:1']);
});

test('BackendGroup sets a failed backend behind the others until its delay is over', () => {
  const backends = group(1, 2);
  const [first] = backends.order(0);
  assert.ok(first);
  backends.failed(first, 0);
  assert.deepEqual(names(backends.order(50)), ['b:2', 'b:1']);
  assert.deepEqual(names(backends.order(100)), ['b:1', 'b:2']);
});

test('BackendGroup still offers the only backend after it failed', () => {
  const backends = group(1);
  const [only] = backends.order(0);
  assert.ok(only);
  backends.failed(only, 0);
  assert.deepEqual(names(backends.order(0)), ['b:1']);
});

test('BackendGroup never sets a backend aside for longer than a second', () => {
  const backends = group(1);
  const [only] = backends.order(0);
  assert.ok(only);
  for (let i = 0; i < 20; i++) backends.failed(only, 0);
  assert.equal(only.retryAtMs, 1000);
});
