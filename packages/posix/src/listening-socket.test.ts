import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { closeDescriptor } from './descriptor.ts';
import { libc } from './libc.ts';
import { listenTcp, listenUnix } from './listening-socket.ts';

const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_KEEPALIVE = 9;

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

test('a listening socket has the kernel buffers it was asked for, and shares its port where it may', () => {
  const options = {
    reusePort: true,
    freeBind: true,
    keepAlive: true,
    sendBufferBytes: 20_000,
    receiveBufferBytes: 30_000,
  };
  const first = listenTcp('127.0.0.1', 0, options);
  const second = listenTcp('127.0.0.1', first.port, { reusePort: true });
  const valueOf = (option: number): number => {
    const value = Buffer.alloc(4);
    getsockopt(first.descriptor, SOL_SOCKET, option, value, Buffer.from([value.length, 0, 0, 0]));
    return value.readInt32LE();
  };
  // The kernel doubles the sizes, to have room for its own book-keeping.
  assert.deepEqual([SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE].map(valueOf), [40_000, 60_000, 1]);
  closeDescriptor(first.descriptor);
  closeDescriptor(second.descriptor);
});
