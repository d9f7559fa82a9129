import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import * as fc from 'fast-check';

import { decodeUwsgiHeader, decodeUwsgiVariables, encodeUwsgiPacket, UWSGI_HEADER_BYTES } from './uwsgi-packet.ts';

const latin1Text = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));

test('encodeUwsgiPacket writes the documented layout', () => {
  const packet = encodeUwsgiPacket(0, 7, ['A', 'xy']);
  assert.deepEqual([...packet], [0, 7, 0, 7, 1, 0, 65, 2, 0, 120, 121]);
});

test('encodeUwsgiPacket and decodeUwsgiVariables are inverse', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(latin1Text, latin1Text), { maxLength: 30 }), (pairs) => {
      const list = pairs.flat();
      const packet = encodeUwsgiPacket(0, 0, list);
      assert.equal(decodeUwsgiHeader(packet).blockBytes, packet.length - UWSGI_HEADER_BYTES);
      assert.deepEqual(decodeUwsgiVariables(packet.subarray(UWSGI_HEADER_BYTES)), list);
    }),
  );
});

test('decodeUwsgiVariables returns undefined or a list of pairs for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const list = decodeUwsgiVariables(Buffer.from(bytes));
      assert.ok(list === undefined || list.length % 2 === 0);
    }),
  );
});

test('encodeUwsgiPacket refuses a block that the length field cannot hold', () => {
  assert.throws(() => encodeUwsgiPacket(0, 0, ['A', 'x'.repeat(65535)]), RangeError);
});
