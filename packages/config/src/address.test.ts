import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { parseAddress } from './address.ts';
import { ConfigError } from './config-error.ts';

it('parseAddress reads every form of address', () => {
  assert.deepEqual(parseAddress(':8000'), { kind: 'tcp', host: '', port: 8000 });
  assert.deepEqual(parseAddress('*:80'), { kind: 'tcp', host: '', port: 80 });
  assert.deepEqual(parseAddress('127.0.0.1:0'), { kind: 'tcp', host: '127.0.0.1', port: 0 });
  assert.deepEqual(parseAddress('[::1]:80'), { kind: 'tcp', host: '::1', port: 80 });
  assert.deepEqual(parseAddress('localhost:65535'), { kind: 'tcp', host: 'localhost', port: 65_535 });
  assert.deepEqual(parseAddress('/run/app.sock'), { kind: 'unix', path: '/run/app.sock' });
  assert.deepEqual(parseAddress('/run/a:b.sock'), { kind: 'unix', path: '/run/a:b.sock' });
  assert.deepEqual(parseAddress('app.sock'), { kind: 'unix', path: 'app.sock' });
  assert.deepEqual(parseAddress('unix:///run/app.sock'), { kind: 'unix', path: '/run/app.sock' });
  assert.deepEqual(parseAddress('unix:app.sock'), { kind: 'unix', path: 'app.sock' });
  assert.deepEqual(parseAddress('@name'), { kind: 'unix', path: '\0name' });
  assert.deepEqual(parseAddress('=2'), { kind: 'shared', index: 2 });
  assert.deepEqual(parseAddress('fd://3'), { kind: 'fd', fd: 3 });
  assert.deepEqual(parseAddress('0'), { kind: 'fd', fd: 0 });
});

it('parseAddress says what is wrong with an address, and what it could be', () => {
  for (const [text, pattern] of [
    ['', /empty/],
    [':99999', /no port between 0 and 65535/],
    ['host:', /no port/],
    ['host:http', /no port/],
    ['::1:80', /IPv6 address without brackets/],
    ['a b:80', /no valid host/],
    ['=x', /does not end in a number/],
    ['@', /not followed by the name/],
    [`/${'x'.repeat(200)}`, /201 bytes long/],
    ['/a\0b', /NUL/],
  ] as const) {
    assert.throws(() => parseAddress(text), { name: 'ConfigError', message: pattern }, text);
  }
});

it('parseAddress throws nothing but ConfigError for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        parseAddress(text);
      } catch (error) {
        assert.ok(error instanceof ConfigError);
      }
    }),
  );
});
