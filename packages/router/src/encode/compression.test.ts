import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib';

import { FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { type CompressionOptions, createCompression } from './compression.ts';

const PAGE = Buffer.from('<p>Welcome!</p>'.repeat(200));

interface Answer {
  readonly options?: CompressionOptions;
  readonly accepts?: string;
  readonly headers?: readonly string[];
  readonly body?: Buffer;
  readonly status?: number;
}

function exchangeOf({ options = { compress: 'true' }, accepts = 'gzip, br, zstd' }: Answer): FakeExchange {
  const filter = createCompression(options);
  return new FakeExchange({
    listenerFilters: filter === undefined ? [] : [filter],
    variables: { HTTP_ACCEPT_ENCODING: accepts },
  });
}

function answer(given: Answer = {}): FakeExchange {
  const { headers = ['Content-Type', 'text/html; charset=utf-8'], body = PAGE, status = 200 } = given;
  const exchange = exchangeOf(given);
  exchange.respond({ status, reason: 'OK', headers: [...headers] }, body);
  return exchange;
}

test('compress encodes what compresses well, as the client likes best', () => {
  for (const [accepts, encoding, decode] of [
    ['gzip, br, zstd', 'zstd', zstdDecompressSync],
    ['gzip, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
  ] as const) {
    const exchange = answer({ accepts });
    assert.equal(exchange.header('Content-Encoding'), encoding);
    assert.equal(exchange.header('Vary'), 'Accept-Encoding');
    assert.deepEqual(decode(exchange.sentBody), PAGE);
    assert.ok(exchange.sentBody.length < PAGE.length / 10);
  }
});

test('compress encodes streams, in all encodings', async () => {
  for (const [accepts, decode] of [
    ['zstd', zstdDecompressSync],
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const exchange = exchangeOf({ accepts });
    exchange.start(
      { status: 200, reason: 'OK', headers: ['Content-Type', 'text/plain'] },
      { onDrain: () => {}, onAbort: () => {} },
    );
    exchange.write(Buffer.from('first,'));
    exchange.write(Buffer.from('second,'));
    // The rest comes in a turn of its own: what was written so far is flushed.
    while (exchange.sentBody.length === 0) await new Promise(setImmediate);
    exchange.write(Buffer.from('third'));
    exchange.end();
    await exchange.whenFinished;
    assert.equal(decode(exchange.sentBody).toString(), 'first,second,third');
  }
});

test('compress makes one piece of a stream that ends in the turn in which it began', async () => {
  const exchange = exchangeOf({ accepts: 'gzip' });
  exchange.start(
    { status: 200, reason: 'OK', headers: ['Content-Type', 'text/plain'] },
    { onDrain: () => {}, onAbort: () => {} },
  );
  exchange.write(Buffer.from('first,'));
  exchange.write(Buffer.from('second'));
  exchange.end();
  assert.deepEqual(exchange.sentBody, gzipSync('first,second'));
  await exchange.whenFinished;
});

test('compress takes the length away, weakens the ETag and offers no ranges', () => {
  const headers = [
    'Content-Type',
    'text/css',
    'Content-Length',
    String(PAGE.length),
    'ETag',
    '"a"',
    'Accept-Ranges',
    'bytes',
  ];
  assert.equal(
    answer({ headers }).head,
    '200 OK\nContent-Type: text/css\nETag: W/"a"\nVary: Accept-Encoding\nContent-Encoding: zstd\n',
  );
});

test('compress leaves alone what must not be encoded', () => {
  const type = ['Content-Type', 'text/html'];
  for (const given of [
    { headers: ['Content-Type', 'image/png'] },
    { headers: [] },
    { headers: [...type, 'Content-Encoding', 'br'] },
    { headers: [...type, 'Transfer-Encoding', 'chunked'] },
    { headers: [...type, 'Cache-Control', 'public, No-Transform'] },
    { headers: [...type, 'Content-Range', 'bytes 0-1/2'], status: 206 },
    { headers: type, body: Buffer.from('short') },
    { options: {} },
    { options: { compress: 'false' } },
  ] satisfies Answer[]) {
    const exchange = answer(given);
    assert.doesNotMatch(exchange.head, /Content-Encoding: (?:zstd|gzip)|Vary/);
    assert.deepEqual(exchange.sentBody, given.body ?? PAGE);
  }
});

test('compress offers what the option says', () => {
  assert.equal(answer({ options: { compress: 'gzip br' } }).header('Content-Encoding'), 'gzip');
  assert.equal(answer({ options: { compress: 'br,gzip' } }).header('Content-Encoding'), 'br');
  assert.equal(answer({ options: { compress: 'zstd' }, accepts: 'gzip' }).header('Content-Encoding'), undefined);
  assert.equal(
    answer({ options: { compress: 'yes', 'compress-min-size': 2 }, body: Buffer.from('four') }).header(
      'Content-Encoding',
    ),
    'zstd',
  );
  const options = { compress: 'true', 'compress-type': ['application/x-foo', 'model/*'] };
  for (const type of ['application/x-foo', 'Model/gltf', 'application/ld+json', 'image/svg+xml']) {
    assert.equal(answer({ options, headers: ['Content-Type', type] }).header('Content-Encoding'), 'zstd', type);
  }
  const size = (level: number): number =>
    answer({ options: { compress: 'gzip', 'compress-level': level } }).sentBody.length;
  assert.ok(size(1) > size(9));
});

test('compress says what it cannot do', () => {
  assert.throws(() => createCompression({ compress: 'lzma' }), /compress = lzma: "lzma" is no encoding/);
  assert.throws(() => createCompression({ compress: 'true', 'compress-level': 10 }), /compress-level = 10/);
  assert.throws(() => createCompression({ compress: 'true', 'compress-type': ['html'] }), /compress-type = html/);
});
