import assert from 'node:assert/strict';
import test from 'node:test';

import { BackendGroup } from './backend-group.ts';
import type { BalanceName } from './balance.ts';

function group(balance: BalanceName, ...weights: number[]): BackendGroup {
  const backends = weights.map((weight, index) => {
    const name = 'abcdefgh'.charAt(index);
    return { name, address: { kind: 'tcp', host: name, port: 1 }, weight } as const;
  });
  return new BackendGroup(backends, balance);
}

/** Chooses for requests that stay under way. */
function take(backends: BackendGroup, count: number): string {
  let names = '';
  for (let i = 0; i < count; i++) {
    const backend = backends.choose(0);
    assert.ok(backend);
    backend.active++;
    names += backend.name;
  }
  return names;
}

test('lrc takes the backend with the fewest requests', () => {
  const backends = group('lrc', 1, 1, 5);
  assert.equal(take(backends, 6).split('').toSorted().join(''), 'aabbcc');
  const [, b] = backends.backends;
  assert.ok(b);
  b.active = 0;
  assert.equal(take(backends, 2), 'bb');
});

test('lrc takes backends in turn while nothing is under way', () => {
  const backends = group('lrc', 1, 1);
  assert.equal(Array.from({ length: 4 }, () => backends.choose(0)?.name).join(''), 'abab');
});

test('wlrc counts requests by weight', () => {
  assert.equal(
    take(group('wlrc', 3, 1), 8)
      .split('')
      .toSorted()
      .join(''),
    'aaaaaabb',
  );
});

test('iphash keeps a client at its backend, and spreads clients', () => {
  const backends = group('iphash', 1, 1, 1);
  const clients = Array.from({ length: 300 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  const chosen = (): (string | undefined)[] => clients.map((client) => backends.choose(0, [], client)?.name);
  const before = chosen();
  assert.deepEqual(chosen(), before);
  for (const name of 'abc') {
    const share = before.filter((one) => one === name).length;
    assert.ok(share > 60 && share < 140, `${name}: ${share} of 300`);
  }
  const [gone] = backends.backends;
  assert.ok(gone);
  backends.remove(gone);
  chosen().forEach((name, index) => {
    if (before[index] !== 'a') assert.equal(name, before[index], 'only the clients of the one that left move');
  });
});
