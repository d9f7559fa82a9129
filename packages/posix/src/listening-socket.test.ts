import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { closeDescriptor } from './descriptor.ts';
import { listenTcp, listenUnix } from './listening-socket.ts';

test('listenTcp opens IPv4 and IPv6 sockets on a port chosen by the kernel', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const listener = listenTcp(host, 0);
    const client = connect(listener.port, host);
    await once(client, 'connect');
    client.destroy();
    closeDescriptor(listener.descriptor);
  }
});

test('listenTcp says that an address is in use', () => {
  const first = listenTcp('127.0.0.1', 0);
  assert.throws(() => listenTcp('127.0.0.1', first.port), { code: 'EADDRINUSE' });
  closeDescriptor(first.descriptor);
});

test('listenUnix opens path and abstract sockets', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'posix-'));
  for (const path of [join(directory, 'a.sock'), `\0emperor-test-${process.pid}`]) {
    const listener = listenUnix(path);
    const client = connect({ path });
    await once(client, 'connect');
    client.destroy();
    closeDescriptor(listener.descriptor);
  }
  rmSync(directory, { recursive: true });
});

test('listenUnix refuses a path the kernel would cut', () => {
  assert.throws(() => listenUnix(`/tmp/${'x'.repeat(110)}`), /at most 107 bytes/);
});
