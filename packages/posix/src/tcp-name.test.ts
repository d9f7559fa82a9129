import assert from 'node:assert/strict';
import test from 'node:test';

import { encodeTcpAddress, encodeUnixAddress } from './socket-address.ts';
import { decodeTcpName } from './tcp-name.ts';

test('decodeTcpName reads what encodeTcpAddress writes', () => {
  for (const host of [
    '127.0.0.1',
    '192.0.2.255',
    '::',
    '::1',
    '2001:db8::1',
    '1:2:3:4:5:6:7:8',
    'fe80::1:0:0:1',
    '1:0:2:3:4:5:6:7',
  ])
    assert.deepEqual(decodeTcpName(encodeTcpAddress(host, 65_432).bytes), { host, port: 65_432 });
});

test('decodeTcpName shows IPv4 clients of a dual-stack socket as what they are', () => {
  assert.deepEqual(decodeTcpName(encodeTcpAddress('::ffff:192.0.2.1', 80).bytes), { host: '192.0.2.1', port: 80 });
});

test('decodeTcpName has no name for anything but TCP', () => {
  assert.deepEqual(decodeTcpName(encodeUnixAddress('/run/a').bytes), { host: '', port: 0 });
});
