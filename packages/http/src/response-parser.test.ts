import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import * as fc from 'fast-check';

import { HttpError } from './http-error.ts';
import { ResponseParser } from './response-parser.ts';

interface Seen {
  head: string;
  bodyBytes: number | undefined;
  body: string;
  complete: number;
  whole: boolean;
}

/** Parses an answer byte by byte, or as one piece, up to the end of the connection. */
function parse(text: string, toHead = false, step: number = text.length): Seen {
  const seen: Seen = { head: '', bodyBytes: undefined, body: '', complete: 0, whole: false };
  const parser = new ResponseParser(
    {
      onHead: ({ status, reason, headers }, bodyBytes) => {
        seen.head = `${status} ${reason} ${headers.join('|')}`;
        seen.bodyBytes = bodyBytes;
      },
      onBody: (content) => (seen.body += content.toString('latin1')),
      onComplete: () => seen.complete++,
    },
    toHead,
  );
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += step) {
    const piece = Buffer.from(bytes.subarray(at, at + step));
    parser.push(piece);
    piece.fill('!');
  }
  seen.whole = parser.end();
  return seen;
}

const CASES: readonly [name: string, text: string, seen: Partial<Seen>][] = [
  [
    'a declared length',
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nA: b\r\n\r\nbody',
    { head: '200 OK Content-Length|4|A|b', bodyBytes: 4, body: 'body' },
  ],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n',
    { head: '200 OK ', body: 'body' },
  ],
  [
    'chunks beside a length',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
    { head: '200 OK ', bodyBytes: undefined, body: 'body' },
  ],
  ['the end of the connection', 'HTTP/1.0 200 OK\r\n\r\nbody', { head: '200 OK ', body: 'body' }],
  [
    'no body by its status',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    { head: '304 Not Modified Content-Length|9', body: '' },
  ],
  ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { head: '200  Content-Length|0', body: '' }],
  [
    'interim answers before it',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody',
    { head: '200 OK ', body: 'body' },
  ],
  ['blanks around a value', 'HTTP/1.1 200 OK\r\nA: \t b c \t\r\nD:\r\n\r\n', { head: '200 OK A|b c|D|' }],
];

for (const [name, text, expected] of CASES) {
  test(`ResponseParser reads an answer with ${name}, whole or byte by byte`, () => {
    for (const step of [text.length, 1]) {
      const seen = parse(text, false, step);
      assert.deepEqual({ ...seen, ...expected }, seen);
      assert.equal(seen.complete, 1);
      assert.equal(seen.whole, true);
    }
  });
}

test('ResponseParser expects no body in an answer to HEAD', () => {
  const seen = parse('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n', true);
  assert.deepEqual([seen.bodyBytes, seen.body, seen.complete, seen.whole], [4, '', 1, true]);
});

test('ResponseParser says that an answer is not whole', () => {
  for (const text of [
    '',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n',
  ])
    assert.equal(parse(text).whole, false);
});

test('ResponseParser refuses what is not an answer', () => {
  for (const text of [
    'garbage\r\n\r\n',
    'HTTP/2.0 200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA : b\r\n\r\n',
    'HTTP/1.1 200 OK\r\n folded\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`,
  ])
    assert.throws(() => parse(text), HttpError, JSON.stringify(text.slice(0, 80)));
});

test('ResponseParser throws nothing but HttpError, whatever a backend sends', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      '\r\n',
      ':',
      'Content-Length: 5\r\n',
      'Transfer-Encoding: chunked\r\n',
      '5\r\n',
      'hello',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (pieces, step) => {
      try {
        parse(pieces.join(''), false, step);
      } catch (error) {
        assert.ok(error instanceof HttpError, String(error));
      }
    }),
  );
});
