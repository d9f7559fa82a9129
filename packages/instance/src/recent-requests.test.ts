import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RecentRequests } from './recent-requests.ts';

test('RecentRequests tells about the window that runs and the one before', () => {
  const recent = new RecentRequests(1000);
  for (let at = 1000; at < 31_000; at += 100) recent.add(10, at === 1000, at);
  const half = recent.read(30_999);
  assert.ok(Math.abs(half.requestsPerSecond - 10) < 0.1, String(half.requestsPerSecond));
  assert.equal(half.errors, 1);
  assert.ok(Math.abs((half.p99Ms ?? 0) - 10) < 2.5, String(half.p99Ms));
  const later = recent.read(46_000);
  assert.deepEqual([later.seconds, later.requestsPerSecond], [45, 300 / 45]);
});

test('RecentRequests forgets what is older than two windows', () => {
  const recent = new RecentRequests(0);
  recent.add(10, true, 10);
  assert.deepEqual(recent.read(70_000), {
    seconds: 40,
    requestsPerSecond: 0,
    errors: 0,
    p50Ms: null,
    p95Ms: null,
    p99Ms: null,
  });
});
