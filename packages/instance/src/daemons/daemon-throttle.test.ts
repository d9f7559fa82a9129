import assert from 'node:assert/strict';
import test from 'node:test';

import { DaemonThrottle } from './daemon-throttle.ts';

test('DaemonThrottle waits longer for a daemon that ends at once again and again, up to the limit', () => {
  const throttle = new DaemonThrottle(4);
  assert.deepEqual(
    Array.from({ length: 6 }, () => throttle.delaySeconds(5)),
    [1, 1, 2, 3, 4, 4],
  );
});

test('DaemonThrottle takes what the daemon lived off the delay', () => {
  const throttle = new DaemonThrottle(300);
  for (let end = 0; end < 5; end++) throttle.delaySeconds(0);
  assert.equal(throttle.delaySeconds(3200), 2);
});

test('DaemonThrottle forgets when a daemon has lived', () => {
  const throttle = new DaemonThrottle(300);
  for (let end = 0; end < 5; end++) throttle.delaySeconds(0);
  assert.equal(throttle.delaySeconds(10_000), 0);
  assert.equal(throttle.delaySeconds(0), 1);
});
