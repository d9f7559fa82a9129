import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { chooseEncoding, parseAcceptEncoding } from './accept-encoding.ts';
import { type Encoding, ENCODINGS } from './encoding.ts';

const choose = (header: string, offered: readonly Encoding[] = ENCODINGS): Encoding | undefined =>
  chooseEncoding(parseAcceptEncoding(header), offered);

test('chooseEncoding takes what the client likes best, and the first offered of equals', () => {
  for (const [header, encoding] of [
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['*', 'zstd'],
    ['zstd;q=0, *;q=0.1', 'br'],
    ['*;q=0, gzip', 'gzip'],
    ['identity;q=0.5, gzip;q=0.4', undefined],
    ['identity, gzip', 'gzip'],
    ['identity;q=1, gzip;q=1', 'gzip'],
    ['gzip ; q=0.8 , br ; q=0.9', 'br'],
    ['gzip;q=0', undefined],
    ['gzip;q=2', undefined],
    ['gzip;foo', undefined],
    ['gzipped', undefined],
    ['', undefined],
  ] as const) {
    assert.equal(choose(header), encoding, header);
  }
  assert.equal(choose('gzip, br', ['gzip', 'br']), 'gzip');
});

test('chooseEncoding never takes what was not offered or not accepted, whatever is sent', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const encoding = choose(header, ['gzip']);
      assert.ok(encoding === undefined || /gzip|\*/i.test(header));
    }),
  );
});
