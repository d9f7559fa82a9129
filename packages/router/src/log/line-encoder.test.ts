import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encoderChain, parseLineEncoder, type LineEncoder } from './line-encoder.ts';

function chainOf(...values: string[]): LineEncoder[] {
  return values.map((value) => parseLineEncoder(value) ?? assert.fail(value));
}

test('line encoders are applied in their order', () => {
  const encode = encoderChain(chainOf('prefix [x] ', 'suffix  <s>', 'nl'), undefined);
  assert.equal(encode?.('text'), '[x] text <s>');
});

test('the line encoder format fills in message and time', () => {
  const encode = encoderChain(chainOf('format ${msg}|${unix}|${strftime:%Y}|${nothing}'), undefined);
  assert.match(encode?.('m') ?? '', /^m\|\d{10}\|\d{4}\|$/);
});

test('the line encoder json escapes the message', () => {
  const encode = encoderChain(chainOf('json {"m":"${msg}","u":${unix}}'), undefined);
  assert.equal((JSON.parse(encode?.('a "b" \\') ?? '') as { m: string }).m, 'a "b" \\');
});

test('a line encoder may be for one named logger', () => {
  const chain = chainOf('prefix:errs E ');
  assert.equal(encoderChain(chain, 'errs')?.('x'), 'E x');
  assert.equal(encoderChain(chain, undefined), undefined);
});

test('a line encoder that does not exist is not understood', () => {
  assert.equal(parseLineEncoder('gzip'), undefined);
});
