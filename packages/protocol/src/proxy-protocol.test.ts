import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { isIPv6, SocketAddress } from 'node:net';
import test from 'node:test';

import * as fc from 'fast-check';

import { decodeProxyHeader, encodeProxyHeader, ProxyProtocolError } from './proxy-protocol.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V1 = 'PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n';
const V2 = `${SIGNATURE}\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb`;
const PEERS = {
  sourceAddress: '192.0.2.1',
  sourcePort: 56_324,
  destinationAddress: '198.51.100.1',
  destinationPort: 443,
};

test('decodeProxyHeader reads both versions and leaves what follows', () => {
  for (const header of [V1, V2])
    assert.deepEqual(decodeProxyHeader(bytes(`${header}GET / HTTP/1.1\r\n`)), { bytes: header.length, peers: PEERS });
});

test('decodeProxyHeader says of every beginning of a header that it is incomplete', () => {
  for (const header of [V1, V2])
    for (let length = 0; length < header.length; length++)
      assert.equal(decodeProxyHeader(bytes(header.slice(0, length))), 'incomplete', String(length));
});

test('decodeProxyHeader knows connections without a header', () => {
  for (const text of ['GET / HTTP/1.1\r\n', 'PROXZ', 'PROXY\t', '\r\n\r\nGET', '\0'])
    assert.equal(decodeProxyHeader(bytes(text)), 'absent');
});

test('decodeProxyHeader knows connections of the proxy itself', () => {
  for (const header of [
    'PROXY UNKNOWN\r\n',
    'PROXY UNKNOWN whatever 1 2\r\n',
    `${SIGNATURE}\x20\0\0\0`,
    `${SIGNATURE}\x21\x31\0\x02ab`,
  ])
    assert.deepEqual(decodeProxyHeader(bytes(header)), { bytes: header.length, peers: undefined });
});

test('decodeProxyHeader skips the extensions of version 2', () => {
  const header = V2.replace('\0\x0c', '\0\x0f').concat('\x04\0\0');
  assert.deepEqual(decodeProxyHeader(bytes(header)), { bytes: header.length, peers: PEERS });
});

test('decodeProxyHeader refuses what begins as a header and is none', () => {
  for (const text of [
    'PROXY garbage\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 56324 65536\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n',
    'PROXY TCP4 ::1 198.51.100.1 1 443\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.1 1 443\r\n',
    `PROXY TCP4 ${' '.repeat(120)}`,
    `${SIGNATURE}\x11\x11\0\x0c`,
    `${SIGNATURE}\x22\x11\0\x0c`,
    `${SIGNATURE}\x21\x11\xff\xff`,
    `${SIGNATURE}\x21\x11\0\x04abcd`,
  ])
    assert.throws(() => decodeProxyHeader(bytes(text)), ProxyProtocolError, JSON.stringify(text));
});

test('decodeProxyHeader throws nothing but ProxyProtocolError', () => {
  const start = fc.constantFrom(
    '',
    'PROXY ',
    'PROXY TCP4 1.2.3.4 ',
    SIGNATURE,
    `${SIGNATURE}\x21\x11`,
    `${SIGNATURE}\x21\x21\0\x24`,
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 120 }), (text, rest) => {
      const input = Buffer.concat([bytes(text), rest]);
      try {
        const header = decodeProxyHeader(input);
        if (typeof header === 'object') assert.ok(header.bytes <= input.length);
      } catch (error) {
        assert.ok(error instanceof ProxyProtocolError, String(error));
      }
    }),
  );
});

test('decodeProxyHeader writes IPv6 addresses as everybody does', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 1, 0xff, 0xabcd), { minLength: 8, maxLength: 8 }), (groups) => {
      const header = Buffer.concat([bytes(`${SIGNATURE}\x21\x21\0\x24`), Buffer.alloc(36)]);
      groups.forEach((group, index) => header.writeUInt16BE(group, 16 + 2 * index));
      const decoded = decodeProxyHeader(header);
      assert.ok(typeof decoded === 'object' && decoded.peers !== undefined);
      const { sourceAddress } = decoded.peers;
      assert.ok(isIPv6(sourceAddress), sourceAddress);
      const expected = new SocketAddress({
        address: groups.map((group) => group.toString(16)).join(':'),
        family: 'ipv6',
      });
      if (!expected.address.includes('.')) assert.equal(sourceAddress, expected.address);
    }),
  );
});

test('encodeProxyHeader and decodeProxyHeader are inverse', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const plainIpV6 = fc.ipV6().filter((address) => !address.includes('.'));
  const peers = fc.oneof(fc.tuple(fc.ipV4(), port, fc.ipV4(), port), fc.tuple(plainIpV6, port, plainIpV6, port));
  fc.assert(
    fc.property(peers, ([sourceAddress, sourcePort, destinationAddress, destinationPort]) => {
      const given = { sourceAddress, sourcePort, destinationAddress, destinationPort };
      const decoded = decodeProxyHeader(bytes(encodeProxyHeader(given)));
      assert.deepEqual(typeof decoded === 'object' ? decoded.peers : decoded, given);
    }),
  );
  assert.equal(encodeProxyHeader({ ...PEERS, sourceAddress: '' }), 'PROXY UNKNOWN\r\n');
});
