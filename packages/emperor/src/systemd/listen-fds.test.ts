import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listenFds } from './listen-fds.ts';

test('listenFds takes the descriptors that systemd passes, with their names', () => {
  const environment = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'http:held-1' };
  assert.deepEqual(listenFds(environment, 7), [
    { descriptor: 3, name: 'http' },
    { descriptor: 4, name: 'held-1' },
  ]);
});

test('listenFds leaves alone what is meant for another process', () => {
  assert.deepEqual(listenFds({ LISTEN_PID: '8', LISTEN_FDS: '2' }, 7), []);
  assert.deepEqual(listenFds({}, 7), []);
});
