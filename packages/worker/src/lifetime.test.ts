import assert from 'node:assert/strict';
import test from 'node:test';

import { isOld, isSpent, judgeMemory, type LifetimeLimits, watchesMemory } from './lifetime.ts';

const none: LifetimeLimits = { maxRequests: 0, minWorkerLifetimeSeconds: 60 };
const MB = 1024 * 1024;

test('isSpent counts requests, later workers later, and never before the minimum age', () => {
  const limits = { ...none, maxRequests: 100, maxRequestsDelta: 10 };
  assert.equal(isSpent(none, { id: 1, requests: 1e9, ageSeconds: 1e9 }), false);
  assert.equal(isSpent(limits, { id: 1, requests: 109, ageSeconds: 60 }), false);
  assert.equal(isSpent(limits, { id: 1, requests: 110, ageSeconds: 60 }), true);
  assert.equal(isSpent(limits, { id: 1, requests: 110, ageSeconds: 59 }), false);
  assert.equal(isSpent(limits, { id: 2, requests: 110, ageSeconds: 60 }), false);
});

test('isOld looks at the age, later workers later', () => {
  const limits = { ...none, maxWorkerLifetimeSeconds: 100, maxWorkerLifetimeDelta: 5 };
  assert.equal(isOld(none, { id: 1, requests: 0, ageSeconds: 1e9 }), false);
  assert.equal(isOld(limits, { id: 1, requests: 0, ageSeconds: 105 }), true);
  assert.equal(isOld(limits, { id: 2, requests: 0, ageSeconds: 105 }), false);
});

test('judgeMemory replaces at one limit and kills at the other', () => {
  const limits = { ...none, reloadOnRssBytes: 100 * MB, evilReloadOnRssBytes: 200 * MB, reloadOnAsBytes: 900 * MB };
  assert.equal(watchesMemory(none), false);
  assert.equal(watchesMemory(limits), true);
  assert.equal(judgeMemory(limits, { rss: 50 * MB, vsz: 500 * MB }), 'fine');
  assert.equal(judgeMemory(limits, { rss: 100 * MB, vsz: 500 * MB }), 'replace');
  assert.equal(judgeMemory(limits, { rss: 50 * MB, vsz: 900 * MB }), 'replace');
  assert.equal(judgeMemory(limits, { rss: 200 * MB, vsz: 900 * MB }), 'kill');
});
