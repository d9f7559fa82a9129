import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import * as fc from 'fast-check';

import { type Announcement, decodeAnnouncement, encodeAnnouncement } from './subscription-packet.ts';
import { encodeUwsgiPacket } from './uwsgi-packet.ts';

const ANNOUNCEMENT: Announcement = {
  leaves: false,
  key: 'example.com',
  address: '127.0.0.1:29501',
  modifier1: 0,
  modifier2: 0,
  cores: 2,
  load: 0,
  weight: 4,
  protocol: 'uwsgi',
};

/** As a real uWSGI sent it. */
const SEEN = Buffer.from(
  '\xe0f\0\0\x03\0key\x0b\0example.com\x07\0address\x0f\x00127.0.0.1:29501\x09\0modifier1\x01\x000\x09\0modifier2\x01\x000' +
    '\x05\0cores\x01\x002\x04\0load\x01\x000\x06\0weight\x01\x004',
  'latin1',
);

test('encodeAnnouncement writes what uWSGI writes', () => {
  assert.deepEqual(encodeAnnouncement(ANNOUNCEMENT), SEEN);
});

test('decodeAnnouncement reads what uWSGI writes, also when a node leaves', () => {
  assert.deepEqual(decodeAnnouncement(SEEN), ANNOUNCEMENT);
  const leaving = Buffer.from(SEEN);
  leaving[3] = 1;
  assert.deepEqual(decodeAnnouncement(leaving), { ...ANNOUNCEMENT, leaves: true });
});

test('decodeAnnouncement fills in what is missing', () => {
  const bare = encodeUwsgiPacket(224, 0, [
    'key',
    'a',
    'address',
    'b:1',
    'weight',
    '-3',
    'modifier1',
    '999',
    'other',
    'x',
  ]);
  assert.deepEqual(decodeAnnouncement(bare), {
    ...ANNOUNCEMENT,
    key: 'a',
    address: 'b:1',
    modifier1: 255,
    cores: 0,
    weight: 0,
  });
});

test('decodeAnnouncement returns undefined for what is no announcement', () => {
  const packet = (...list: string[]): Buffer => encodeUwsgiPacket(224, 0, list);
  for (const datagram of [
    Buffer.alloc(0),
    Buffer.from('hello'),
    SEEN.subarray(0, -1),
    encodeUwsgiPacket(0, 0, ['key', 'a', 'address', 'b:1']),
    encodeUwsgiPacket(224, 2, ['key', 'a', 'address', 'b:1']),
    packet('key', 'a'),
    packet('address', 'b:1'),
    packet('key', 'a\r\nb', 'address', 'b:1'),
    packet('key', 'a'.repeat(256), 'address', 'b:1'),
  ])
    assert.equal(decodeAnnouncement(datagram), undefined, datagram.toString('latin1'));
});

test('decodeAnnouncement takes any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      decodeAnnouncement(Buffer.concat([Buffer.from([224, bytes.length, 0, 0]), bytes]));
      decodeAnnouncement(Buffer.from(bytes));
    }),
  );
});

test('encodeAnnouncement and decodeAnnouncement are inverse', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '.', ':', '/', '1', '\xff'), minLength: 1, maxLength: 255 });
  const byte = fc.integer({ min: 0, max: 255 });
  const announcement = fc.tuple(text, text, byte, byte, byte, fc.boolean(), fc.constantFrom('uwsgi', 'http'));
  fc.assert(
    fc.property(announcement, ([key, address, modifier1, modifier2, weight, leaves, protocol]) => {
      const given = { ...ANNOUNCEMENT, key, address, modifier1, modifier2, weight, leaves, protocol };
      assert.deepEqual(decodeAnnouncement(encodeAnnouncement(given)), given);
    }),
  );
});

test('encodeAnnouncement refuses what no server takes', () => {
  assert.throws(() => encodeAnnouncement({ ...ANNOUNCEMENT, key: 'a'.repeat(256) }), /longer than 255 characters/);
});
