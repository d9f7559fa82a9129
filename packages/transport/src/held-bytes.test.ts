import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { LARGEST_BUFFER_BYTES } from './buffer-pool.ts';
import { HeldBytes } from './held-bytes.ts';

test('HeldBytes takes as much as it has room for, of bytes and of text', () => {
  const held = new HeldBytes();
  assert.equal(held.add(Buffer.from('abcdef'), 2), 4);
  assert.equal(held.add('é, and more', 0), 11);
  assert.equal(Buffer.from(held.view).toString('latin1'), 'cdefé, and more');
  const large = Buffer.alloc(LARGEST_BUFFER_BYTES, 'x');
  assert.equal(held.add(large, 10), LARGEST_BUFFER_BYTES - 15);
  assert.equal(held.hasRoom, false);
  assert.equal(held.add('none', 0), 0);
  held.release();
});

test('HeldBytes keeps what is left when it moves to a smaller buffer', () => {
  const held = new HeldBytes();
  held.add(Buffer.alloc(100_000, 'x'), 0);
  held.add('the end', 0);
  held.drop(100_003);
  const { address } = held;
  held.shrink();
  assert.notEqual(held.address, address);
  assert.equal(Buffer.from(held.view).toString(), ' end');
  assert.equal(held.length, 4);
  held.release();
});
