import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import * as fc from 'fast-check';

import {
  FRAME_HEADER_LENGTH,
  readFileBody,
  readResponsePrefix,
  readStreamList,
  requestFrameLength,
  WorkerFrameDecoder,
  WorkerFrameError,
  WorkerFrameType,
  writeFrameHeader,
  writeRequestFrame,
} from './worker-frame.ts';

interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: string;
}

function encode(frame: Frame): Buffer {
  const payload = Buffer.from(frame.payload, 'latin1');
  const bytes = Buffer.alloc(FRAME_HEADER_LENGTH + payload.length);
  payload.copy(bytes, writeFrameHeader(bytes, 0, payload.length, frame.type, frame.flags, frame.stream));
  return bytes;
}

function decode(chunks: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const decoder = new WorkerFrameDecoder((type, flags, stream, bytes, start, end) => {
    frames.push({ type, flags, stream, payload: bytes.toString('latin1', start, end) });
  });
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    decoder.push(lent);
    lent.fill(0xee); // a chunk belongs to the transport again after the call
  }
  return frames;
}

const frames: Frame[] = [
  { type: WorkerFrameType.request, flags: 2, stream: 1, payload: '\x03\0\0\0a\0b' },
  { type: WorkerFrameType.stop, flags: 0, stream: 0, payload: '' },
  { type: WorkerFrameType.body, flags: 1, stream: 0xffff_ffff, payload: 'some body' },
];

test('WorkerFrameDecoder gives the same frames wherever the stream is split', () => {
  const bytes = Buffer.concat(frames.map(encode));
  for (let at = 0; at <= bytes.length; at++)
    assert.deepEqual(decode([bytes.subarray(0, at), bytes.subarray(at)]), frames, `split at ${at}`);
});

test('WorkerFrameDecoder gives the same frames byte by byte', () => {
  const bytes = Buffer.concat(frames.map(encode));
  assert.deepEqual(decode(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), frames);
});

test('WorkerFrameDecoder gives back any frames in any pieces', () => {
  const frame = fc.record(
    {
      type: fc.integer({ min: 0, max: 255 }),
      flags: fc.integer({ min: 0, max: 255 }),
      stream: fc.integer({ min: 0, max: 0xffff_ffff }),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 200 })), (sent, sizes) => {
      const bytes = Buffer.concat(sent.map(encode));
      const pieces: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(decode([...pieces, bytes.subarray(at)]), sent);
    }),
  );
});

test('WorkerFrameDecoder refuses a length that no frame has', () => {
  assert.throws(() => decode([Buffer.from('HTTP/1.1 200 OK')]), WorkerFrameError);
});

test('writeRequestFrame puts length, environ and body behind the header', () => {
  const environ = 'PATH_INFO\0/é';
  const body = Buffer.from('x=1');
  const bytes = Buffer.alloc(requestFrameLength(environ, body));
  assert.equal(writeRequestFrame(bytes, 0, 7, 2, environ, body), bytes.length);
  assert.deepEqual(decode([bytes]), [
    { type: WorkerFrameType.request, flags: 2, stream: 7, payload: `\x0c\0\0\0${environ}x=1` },
  ]);
});

test('readFileBody reads numbers beyond 32 bits', () => {
  const bytes = Buffer.from('\x07\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x05\0\0\0\0\0\0\0', 'latin1');
  assert.deepEqual(readFileBody(bytes, 0), { descriptor: 7, offset: 0x1_0000_0000, bytes: 5 });
});

test('readResponsePrefix and readStreamList read what struct.pack writes in the worker', () => {
  const bytes = Buffer.from('xx\x05\0\0\0\x01\0\0\0\xe8\x03\0\0\x02\0\xff\xff', 'latin1');
  assert.deepEqual(readResponsePrefix(bytes, 2), { headLength: 5, switches: 1, serviceUs: 1000, core: 2, app: -1 });
  assert.deepEqual(readStreamList(bytes, 2, 10), [5, 1]);
});
