import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import * as fc from 'fast-check';

import { type BodyDecoder, ChunkedDecoder, LengthDecoder } from './body-framing.ts';
import { HttpError } from './http-error.ts';

/** Decodes pieces one after the other. @returns the content and how many bytes belonged to the body */
function decode(
  decoder: BodyDecoder,
  pieces: readonly Buffer[],
): { content: string; taken: number; error: string | undefined } {
  let content = '';
  let taken = 0;
  try {
    for (const piece of pieces) taken += decoder.push(piece, (bytes) => (content += bytes.toString('latin1')));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { content, taken: 0, error: error.message };
  }
  return { content, taken, error: undefined };
}

const CHUNKED = '4\r\nWiki\r\n6;a=b;c="\\"d"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0;x\r\nA: b\r\nC:\r\n\r\n';
const CONTENT = 'Wikipedia in \r\n\r\nchunks.';

test('ChunkedDecoder gives the same wherever the bytes are split, and leaves what follows', () => {
  const bytes = Buffer.from(`${CHUNKED}GET /`, 'latin1');
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second += 7) {
      const decoder = new ChunkedDecoder();
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      const { content, taken, error } = decode(decoder, pieces);
      assert.deepEqual({ content, taken, error }, { content: CONTENT, taken: CHUNKED.length, error: undefined });
      assert.equal(decoder.finished, true);
    }
  }
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const piecesOf = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
};

test('ChunkedDecoder undoes every chunking', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 10 }),
      fc.array(share, { maxLength: 8 }),
      (chunks, cuts) => {
        const parts = chunks.flatMap((chunk) => [
          Buffer.from(`${chunk.length.toString(16)}\r\n`),
          Buffer.from(chunk),
          Buffer.from('\r\n'),
        ]);
        const bytes = Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
        const decoder = new ChunkedDecoder();
        assert.equal(decode(decoder, piecesOf(bytes, cuts)).content, Buffer.concat(chunks).toString('latin1'));
        assert.equal(decoder.finished, true);
      },
    ),
  );
});

test('ChunkedDecoder refuses the same bytes with the same content before, however they are split', () => {
  const edit = fc.tuple(share, fc.constantFrom('\r', '\n', ' ', ';', '0', 'g', '\r\n', '\0', '-'));
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 3 }), fc.array(share, { maxLength: 8 }), (edits, cuts) => {
      let text = CHUNKED;
      for (const [place, inserted] of edits) {
        const at = Math.floor(place * text.length);
        text = text.slice(0, at) + inserted + text.slice(at);
      }
      const bytes = Buffer.from(text, 'latin1');
      assert.deepEqual(decode(new ChunkedDecoder(), piecesOf(bytes, cuts)), decode(new ChunkedDecoder(), [bytes]));
    }),
  );
});

test('LengthDecoder takes as many bytes as were declared', () => {
  const decoder = new LengthDecoder(5);
  assert.deepEqual(
    decode(
      decoder,
      ['he', '', 'llo!', 'more'].map((text) => Buffer.from(text)),
    ),
    {
      content: 'hello',
      taken: 5,
      error: undefined,
    },
  );
  assert.equal(decoder.finished, true);
});
