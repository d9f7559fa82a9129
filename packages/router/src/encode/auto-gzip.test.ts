import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { test } from 'node:test';
import { gunzipSync, createGunzip } from 'node:zlib';

import type { ResponseHead } from '@emperor/http';

import { FakeExchange, type FakeRequest } from '../routes/fake-exchange.test-support.ts';
import { createAutoGzip } from './auto-gzip.ts';

const PAGE = Buffer.from('<p>Welcome!</p>'.repeat(50));

function exchangeOf(request: FakeRequest = {}): FakeExchange {
  return new FakeExchange({
    listenerFilters: [createAutoGzip()],
    ...request,
    variables: { HTTP_ACCEPT_ENCODING: 'gzip', ...request.variables },
  });
}

function marked(...headers: readonly string[]): ResponseHead {
  return { status: 200, reason: 'OK', headers: ['Content-Type', 'text/html', 'uWSGI-Encoding', 'gzip', ...headers] };
}

test('auto-gzip compresses a marked answer, says so and keeps the mark inside', () => {
  const exchange = exchangeOf();
  exchange.respond(marked(), PAGE);
  assert.equal(exchange.head, '200 OK\nContent-Type: text/html\nVary: Accept-Encoding\nContent-Encoding: gzip\n');
  assert.deepEqual(gunzipSync(exchange.sentBody), PAGE);
  assert.equal(exchange.bodyBytes, PAGE.length);
});

test('auto-gzip compresses big known bodies off the event loop', async () => {
  const exchange = exchangeOf();
  const body = Buffer.alloc(300_000, 'abc');
  exchange.respond(marked(), body);
  await exchange.whenFinished;
  assert.deepEqual(gunzipSync(exchange.sentBody), body);
});

test('auto-gzip flushes what a streaming app has written', async () => {
  const exchange = exchangeOf();
  exchange.start(marked(), { onDrain: () => {}, onAbort: () => {} });
  const gunzip = createGunzip();
  const { push } = exchange.chunks;
  exchange.chunks.push = (...chunks) => {
    for (const chunk of chunks) gunzip.write(chunk);
    return push.apply(exchange.chunks, chunks);
  };
  exchange.write(Buffer.from('first'));
  const [first] = (await once(gunzip, 'data')) as [Buffer];
  assert.equal(first.toString(), 'first');
  assert.equal(exchange.isFinished, false);
  exchange.write(Buffer.from(', second'));
  exchange.end();
  await exchange.whenFinished;
  assert.equal(gunzipSync(exchange.sentBody).toString(), 'first, second');
});

test('auto-gzip passes answers with a length, an encoding or a part, only without the mark', () => {
  for (const headers of [
    ['Content-Length', String(PAGE.length)],
    ['Transfer-Encoding', 'chunked'],
    ['Content-Encoding', 'br'],
    ['Content-Range', 'bytes 0-1/2'],
    ['Cache-Control', 'private, no-transform'],
  ]) {
    const exchange = exchangeOf();
    exchange.respond(marked(...headers), PAGE);
    assert.equal(exchange.head, `200 OK\nContent-Type: text/html\n${headers.join(': ')}\n`);
    assert.deepEqual(exchange.sentBody, PAGE);
  }
});

test('auto-gzip passes answers nobody marked', () => {
  const exchange = exchangeOf();
  exchange.respond({ status: 200, reason: 'OK', headers: ['Content-Type', 'text/html'] }, PAGE);
  assert.equal(exchange.head, '200 OK\nContent-Type: text/html\n');
  assert.deepEqual(exchange.sentBody, PAGE);
});

test('auto-gzip respects quality values, and tells caches that others may get it compressed', () => {
  for (const accepted of ['gzip;q=0', 'br', 'gzip;q=0, *', 'identity', 'gzipped']) {
    const exchange = exchangeOf({ variables: { HTTP_ACCEPT_ENCODING: accepted } });
    exchange.respond(marked(), PAGE);
    assert.equal(exchange.head, '200 OK\nContent-Type: text/html\nVary: Accept-Encoding\n', accepted);
    assert.deepEqual(exchange.sentBody, PAGE);
  }
});

test('auto-gzip sends no body to HEAD', () => {
  const exchange = exchangeOf({ method: 'HEAD' });
  exchange.respond(marked(), PAGE);
  assert.equal(exchange.header('Content-Encoding'), 'gzip');
  assert.equal(exchange.sentBody.length, 0);
  assert.equal(exchange.isFinished, true);
});

test('auto-gzip weakens a strong ETag and widens Vary', () => {
  const exchange = exchangeOf();
  exchange.respond(marked('ETag', '"a"', 'Vary', 'Cookie', 'Accept-Ranges', 'bytes'), PAGE);
  assert.equal(exchange.header('ETag'), 'W/"a"');
  assert.equal(exchange.header('Vary'), 'Cookie, Accept-Encoding');
  assert.equal(exchange.header('Accept-Ranges'), undefined);
});

test('auto-gzip lets go of what it holds when the client goes', () => {
  const exchange = exchangeOf();
  let told = false;
  exchange.start(marked(), {
    onDrain: () => {},
    onAbort: () => {
      told = true;
    },
  });
  exchange.write(Buffer.from('x'));
  exchange.clientGone();
  assert.equal(told, true);
  assert.equal(exchange.isFinished, true);
});
