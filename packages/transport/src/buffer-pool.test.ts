import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BufferPool, LARGEST_BUFFER_BYTES } from './buffer-pool.ts';

test('a buffer pool gives a buffer that was given back out again, to who asks for its size', () => {
  const pool = new BufferPool();
  const buffer = pool.take(5000);
  pool.release(buffer);
  assert.notEqual(pool.take(4096), buffer);
  assert.notEqual(pool.take(8193), buffer);
  assert.equal(pool.take(8192), buffer);
  assert.notEqual(pool.take(8192), buffer, 'it has one owner');
});

test('a buffer pool gives at least what is asked for, up to its largest', () => {
  const pool = new BufferPool();
  for (const [asked, given] of [
    [0, 4096],
    [1, 4096],
    [4097, 8192],
    [65_536, 65_536],
    [65_537, LARGEST_BUFFER_BYTES],
    [10_000_000, LARGEST_BUFFER_BYTES],
  ] as const) {
    assert.equal(pool.take(asked).bytes.length, given, String(asked));
  }
});

test('a buffer pool keeps a bounded number of bytes', () => {
  const pool = new BufferPool();
  const buffers = Array.from({ length: 10 }, () => pool.take(LARGEST_BUFFER_BYTES));
  for (const buffer of buffers) pool.release(buffer);
  const again = buffers.map(() => pool.take(LARGEST_BUFFER_BYTES));
  assert.equal(again.filter((buffer) => buffers.includes(buffer)).length, 4);
});
