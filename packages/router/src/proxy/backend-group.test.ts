import assert from 'node:assert/strict';
import test from 'node:test';

import * as fc from 'fast-check';

import type { Backend } from './backend.ts';
import { BackendGroup } from './backend-group.ts';

const group = (...weights: number[]): BackendGroup =>
  new BackendGroup(
    weights.map((weight, index) => ({
      name: 'abcdefgh'.charAt(index),
      address: { kind: 'tcp', host: 'b', port: index + 1 },
      weight,
    })),
  );
const names = (backends: BackendGroup, count: number, nowMs = 0): string =>
  Array.from({ length: count }, () => backends.choose(nowMs)?.name).join('');
const member = (backends: BackendGroup, index: number): Backend => {
  const backend = backends.backends[index];
  assert.ok(backend);
  return backend;
};

test('BackendGroup takes its backends in turn', () => {
  assert.equal(names(group(1, 1, 1), 7), 'abcabca');
});

test('BackendGroup gives each backend its share, evenly spread', () => {
  assert.equal(names(group(4, 2, 1), 14), 'abacabaabacaba');
});

test('BackendGroup gives shares by weight, whatever the weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const picked = names(group(...weights), total);
      weights.forEach((weight, index) => assert.equal(picked.split('abcdefgh'.charAt(index)).length - 1, weight));
    }),
  );
});

test('BackendGroup sets a failed backend behind the others until its delay is over', () => {
  const backends = group(1, 1);
  backends.failed(member(backends, 0), 0);
  assert.equal(names(backends, 3, 50), 'bbb');
  assert.match(names(backends, 3, 100), /a/);
});

test('BackendGroup lets one request at a time try a backend that has failed', () => {
  const backends = group(1, 1);
  backends.failed(member(backends, 0), 0);
  assert.equal(names(backends, 10, 100).split('a').length - 1, 1);
  backends.succeeded(member(backends, 0));
  assert.equal(names(backends, 10, 100).split('a').length - 1, 5);
});

test('BackendGroup offers a request each of its backends once', () => {
  const backends = group(1, 1, 1);
  const tried: Backend[] = [];
  for (let backend = backends.choose(0); backend !== undefined; backend = backends.choose(0, tried)) {
    backends.failed(backend, 0);
    tried.push(backend);
  }
  assert.equal(tried.map(({ name }) => name).join(''), 'abc');
});

test('BackendGroup still offers the only backend after it failed', () => {
  const backends = group(1);
  backends.failed(member(backends, 0), 0);
  assert.equal(names(backends, 2), 'aa');
});

test('BackendGroup offers the backend due first when all are set aside', () => {
  const backends = group(1, 1);
  backends.failed(member(backends, 0), 10);
  backends.failed(member(backends, 1), 0);
  assert.equal(names(backends, 2, 20), 'bb');
});

test('BackendGroup never sets a backend aside for longer than a second', () => {
  const backends = group(1);
  const only = member(backends, 0);
  for (let i = 0; i < 20; i++) backends.failed(only, 0);
  assert.equal(only.retryAtMs, 1000);
});

test('BackendGroup has its last backend tried by a request whose first choice has left', () => {
  const backends = group(1, 1);
  const first = backends.choose(0);
  assert.ok(first);
  backends.remove(first);
  const [other] = backends.backends;
  assert.equal(backends.choose(0, [first]), other);
});
