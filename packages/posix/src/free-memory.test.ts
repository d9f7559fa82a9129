import assert from 'node:assert/strict';
import { test } from 'node:test';

import { returnFreeMemory } from './free-memory.ts';

test('returnFreeMemory can be asked at any time', () => {
  assert.equal(typeof returnFreeMemory(), 'boolean');
  assert.equal(typeof returnFreeMemory(), 'boolean');
});
