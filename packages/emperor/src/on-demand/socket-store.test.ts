import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { boundPort, duplicate, listenTcp, listenUnix } from '@emperor/posix';

import { SocketStore } from './socket-store.ts';

test('SocketStore takes a socket that systemd passes for its address, whatever it is called', () => {
  const { descriptor, port } = listenTcp('127.0.0.1', 0);
  const store = new SocketStore([{ descriptor, name: 'emperor.socket' }]);
  const held = store.open(`127.0.0.1:${port}`);
  assert.equal(held.descriptor, descriptor);
  store.close(held);
});

test('SocketStore takes a UNIX socket for its path, and removes the file with it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'emperor-store-'));
  const path = join(directory, 'a.sock');
  const { descriptor } = listenUnix(path);
  const store = new SocketStore([{ descriptor, name: '' }]);
  const held = store.open(path);
  assert.equal(held.descriptor, descriptor);
  store.close(held);
  assert.ok(!existsSync(path));
  rmSync(directory, { recursive: true });
});

test('SocketStore hands on what it holds, by a name from which the next one knows the address', () => {
  const first = new SocketStore();
  const held = first.open('127.0.0.1:0');
  const handed = first.all.map(({ name, descriptor }) => ({ name, descriptor: duplicate(descriptor) }));
  const port = boundPort(held.descriptor);
  first.close(held);
  const second = new SocketStore(handed);
  const again = second.open('127.0.0.1:0');
  assert.equal(boundPort(again.descriptor), port);
  second.close(again);
});

test('SocketStore gives one socket to one vassal', () => {
  const store = new SocketStore();
  const held = store.open('127.0.0.1:0');
  assert.throws(() => store.open('127.0.0.1:0'), /"127\.0\.0\.1:0": it is held for another vassal/);
  store.close(held);
});
