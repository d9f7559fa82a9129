import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeHead, encodeHead, keptHeaders, type StoredHead, suits, variantKey, variesOn } from './stored-head.ts';

function variablesOf(values: Readonly<Record<string, string>>): (name: string) => string | undefined {
  return (name) => values[name];
}

const german = variablesOf({ HTTP_ACCEPT_LANGUAGE: 'de', HTTP_X_A: '1' });
const head: StoredHead = {
  status: 200,
  reason: 'OK',
  headers: ['Vary', 'x-a, Accept-Language'],
  madeAt: 1,
  varies: variesOn(['Vary', 'x-a, Accept-Language'], german) ?? [],
};

test('variesOn names the variables of a request that the answer depends on, whatever their order in the header', () => {
  assert.deepEqual(head.varies, ['HTTP_ACCEPT_LANGUAGE', 'de', 'HTTP_X_A', '1']);
  assert.deepEqual(variesOn([], german), []);
  assert.equal(variesOn(['Vary', 'Accept, *'], german), undefined);
});

test('suits tells requests for a variant from others', () => {
  assert.equal(suits(head, german), true);
  assert.equal(suits(head, variablesOf({ HTTP_ACCEPT_LANGUAGE: 'en', HTTP_X_A: '1' })), false);
  assert.equal(suits(head, variablesOf({})), false);
  assert.notEqual(variantKey('/k', head, german), variantKey('/k', head, variablesOf({})));
});

test('keptHeaders drops what belongs to one connection', () => {
  const headers = ['Connection', 'close', 'X-A', '1', 'content-length', '5', 'Age', '3', 'ETag', '"x"'];
  assert.deepEqual(keptHeaders(headers), ['X-A', '1', 'ETag', '"x"']);
});

test('decodeHead reads what encodeHead has written, and nothing else', () => {
  assert.deepEqual(decodeHead(encodeHead(head)), head);
  assert.equal(decodeHead(undefined), undefined);
  assert.equal(decodeHead('not JSON'), undefined);
});
