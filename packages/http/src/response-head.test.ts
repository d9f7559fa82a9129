import assert from 'node:assert/strict';
import test from 'node:test';

import { findFault, findHeader, removeHeader, settleHeader } from './response-head.ts';

test('findHeader and removeHeader know names in any case', () => {
  const headers = ['A', '1', 'content-TYPE', '2', 'Content-Type', '3'];
  assert.equal(findHeader(headers, 'content-type'), '2');
  removeHeader(headers, 'content-type');
  assert.deepEqual(headers, ['A', '1']);
  assert.equal(findHeader(headers, 'content-type'), undefined);
});

test('settleHeader leaves one of equal headers and none of different ones', () => {
  const equal = ['A', '1', 'B', '2', 'a', '1', 'A', '1'];
  assert.equal(settleHeader(equal, 'a'), '1');
  assert.deepEqual(equal, ['A', '1', 'B', '2']);
  const different = ['A', '1', 'B', '2', 'a', '3'];
  assert.equal(settleHeader(different, 'a'), undefined);
  assert.deepEqual(different, ['B', '2']);
});

test('findFault finds none in an ordinary head', () => {
  assert.equal(findFault({ status: 299, reason: '', headers: ['X-A', 'b\tc \xe9', 'x_y', ''] }), undefined);
});
