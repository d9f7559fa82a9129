import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ChunkPool } from './chunk-pool.ts';

test('a chunk pool gives a released buffer out again, to who asks for its size', () => {
  const pool = new ChunkPool();
  const buffer = pool.take(1000);
  pool.release(buffer);
  assert.notEqual(pool.take(2000), buffer);
  assert.equal(pool.take(1000), buffer);
  assert.notEqual(pool.take(1000), buffer);
});

test('a chunk pool keeps a bounded number of bytes', () => {
  const pool = new ChunkPool();
  const megabyte = 1024 * 1024;
  const buffers = [pool.take(megabyte), pool.take(megabyte), pool.take(megabyte)];
  for (const buffer of buffers) pool.release(buffer);
  const again = [pool.take(megabyte), pool.take(megabyte), pool.take(megabyte)];
  assert.equal(again.filter((buffer) => buffers.includes(buffer)).length, 2);
});
