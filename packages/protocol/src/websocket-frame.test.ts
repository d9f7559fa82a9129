import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { encodeWebSocketFrame, WebSocketError, WebSocketFrameDecoder, WebSocketOpcode } from './websocket-frame.ts';

const MASK = Buffer.from([1, 2, 3, 4]);

/** The frame of a client: that of a server, masked. */
function clientFrame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const frame = encodeWebSocketFrame(opcode, payload);
  const head = Buffer.from(frame.subarray(0, frame.length - payload.length));
  head.writeUInt8(head.readUInt8(0) & (isFinal ? 0xff : 0x7f), 0);
  head.writeUInt8(head.readUInt8(1) | 0x80, 1);
  return Buffer.concat([head, MASK, payload.map((byte, i) => byte ^ (MASK[i & 3] ?? 0))]);
}

function decode(chunks: readonly Buffer[], maxPayloadBytes = 1_000_000): [number, boolean, string][] {
  const frames: [number, boolean, string][] = [];
  const decoder = new WebSocketFrameDecoder(maxPayloadBytes, (opcode, isFinal, payload) =>
    frames.push([opcode, isFinal, payload.toString('latin1')]),
  );
  for (const chunk of chunks) decoder.push(chunk);
  return frames;
}

function refusal(bytes: readonly number[] | Buffer, maxPayloadBytes?: number): [number, string] {
  try {
    decode([Buffer.from(bytes)], maxPayloadBytes);
  } catch (error) {
    if (error instanceof WebSocketError) return [error.code, error.message];
    throw error;
  }
  return [0, 'taken'];
}

test('WebSocketFrameDecoder reads the examples of RFC 6455 section 5.7', () => {
  assert.deepEqual(decode([Buffer.from('818537fa213d7f9f4d5158', 'hex')]), [[WebSocketOpcode.text, true, 'Hello']]);
  assert.equal(encodeWebSocketFrame(WebSocketOpcode.text, Buffer.from('Hello')).toString('hex'), '810548656c6c6f');
  assert.equal(encodeWebSocketFrame(WebSocketOpcode.binary, Buffer.alloc(256)).toString('hex', 0, 4), '827e0100');
  assert.equal(
    encodeWebSocketFrame(WebSocketOpcode.binary, Buffer.alloc(65536)).toString('hex', 0, 10),
    '827f0000000000010000',
  );
});

test('WebSocketFrameDecoder reads frames of any size, split at any place', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          opcode: fc.constantFrom(WebSocketOpcode.continuation, WebSocketOpcode.text, WebSocketOpcode.binary),
          isFinal: fc.boolean(),
          payload: fc.oneof(
            fc.uint8Array({ maxLength: 200 }),
            fc.constantFrom(125, 126, 65_535, 65_536).map((size) => new Uint8Array(size)),
          ),
        }),
        { maxLength: 4 },
      ),
      fc.array(fc.nat({ max: 1000 }), { maxLength: 5 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(
          frames.map(({ opcode, payload, isFinal }) => clientFrame(opcode, Buffer.from(payload), isFinal)),
        );
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(bytes.subarray(at));
        const expected = frames.map(({ opcode, isFinal, payload }) => [
          opcode,
          isFinal,
          Buffer.from(payload).toString('latin1'),
        ]);
        assert.deepEqual(decode(chunks), expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('WebSocketFrameDecoder refuses what no client may send', () => {
  assert.deepEqual(refusal([0x81, 0x01, 0x61]), [1002, 'a frame without mask']);
  assert.match(refusal([0xc1, 0x80])[1], /reserved bit/);
  assert.match(refusal([0x83, 0x80])[1], /no opcode 3/);
  assert.match(refusal([0x09, 0x80])[1], /control frame/);
  assert.match(refusal([0x89, 0xfe])[1], /control frame/);
  assert.match(refusal([0x81, 0xfe, 0, 125])[1], /length that is written longer/);
  assert.match(refusal([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff])[1], /length that is written longer/);
});

test('WebSocketFrameDecoder refuses a large frame when it is announced', () => {
  assert.equal(refusal([0x82, 0xfe, 0x10, 0], 1000)[0], 1009);
  assert.equal(refusal(clientFrame(2, Buffer.alloc(1000)), 1000)[0], 0);
});

test('WebSocketFrameDecoder takes any bytes as frames or refuses them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.match(String(refusal(Buffer.from(bytes))[0]), /^(0|1002|1009)$/);
    }),
  );
});
