import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { bytes, open, scratch } from './cache.test-support.ts';
import { monotonicSeconds } from './monotonic-clock.ts';

async function valueOf(cache: Awaited<ReturnType<typeof open>>['cache'], key: string): Promise<string | undefined> {
  return (await cache.get(key))?.value.toString();
}

test('SqliteCache gives back what it was given, until it is deleted', async (t) => {
  const { cache } = await open(t, scratch(t));
  assert.equal(await cache.set('k', bytes('v')), true);
  assert.equal(await valueOf(cache, 'k'), 'v');
  assert.equal(await cache.set('k', bytes('other'), { onlyIfAbsent: true }), false);
  assert.equal(await valueOf(cache, 'k'), 'v');
  assert.equal(await cache.set('k', bytes('other')), true);
  assert.equal(await valueOf(cache, 'k'), 'other');
  assert.equal(await cache.delete('k'), true);
  assert.equal(await cache.delete('k'), false);
  assert.equal(await cache.has('k'), false);
});

test('SqliteCache refuses what is empty or too large', async (t) => {
  const { cache } = await open(t, scratch(t));
  assert.equal(await cache.set('k', bytes('x'.repeat(64))), true);
  assert.equal(await cache.set('l', bytes('x'.repeat(65))), false);
  assert.equal(await cache.set('', bytes('v')), false);
  assert.equal(await cache.set('m', bytes('')), false);
  assert.equal(await cache.set('k'.repeat(21), bytes('v')), false);
});

test('SqliteCache holds one item less than it is told, and says when it is full', async (t) => {
  const { cache, log } = await open(t, scratch(t), { items: 4, blocks: 4 });
  const kept = ['k1', 'k2', 'k3', 'k4'].map((key) => cache.set(key, bytes('v')));
  assert.deepEqual(kept, [true, true, true, false]);
  assert.deepEqual(await cache.keys(), ['k1', 'k2', 'k3']);
  assert.deepEqual(log, ['*** DANGER cache "c" is FULL !!! ***']);
  assert.equal(await cache.set('k1', bytes('new')), true);
  assert.equal(cache.statistics().full, 1);
});

test('SqliteCache purges what was used least recently, where reading counts as use', async (t) => {
  const { cache } = await open(t, scratch(t), { items: 4, blocks: 4, purgesLeastUsed: true });
  for (const key of ['a', 'b', 'c']) await cache.set(key, bytes('v'));
  await cache.get('a');
  await cache.get('c');
  await cache.set('d', bytes('v'));
  assert.deepEqual((await cache.keys()).toSorted(), ['a', 'c', 'd']);
});

test('SqliteCache with several blocks purges as many items as a value needs', async (t) => {
  const { cache } = await open(t, scratch(t), {
    items: 10,
    blocks: 10,
    blockBytes: 8,
    usesSeveralBlocks: true,
    purgesLeastUsed: true,
  });
  for (const key of ['a', 'b', 'c', 'd']) await cache.set(key, bytes('x'.repeat(16)));
  assert.equal(await cache.set('large', bytes('x'.repeat(40))), true);
  assert.deepEqual((await cache.keys()).toSorted(), ['c', 'd', 'large']);
  assert.equal(await cache.set('huge', bytes('x'.repeat(81))), false);
  assert.deepEqual((await cache.keys()).toSorted(), ['c', 'd', 'large']);
});

test('SqliteCache gives nothing that has expired, whether it was swept or not', async (t) => {
  const { cache } = await open(t, scratch(t));
  await cache.set('k', bytes('v'), { seconds: 0.05 });
  await cache.set('stays', bytes('v'), { seconds: -1 });
  assert.equal(await valueOf(cache, 'k'), 'v');
  const end = monotonicSeconds() + 0.06;
  while (monotonicSeconds() < end);
  assert.equal(await valueOf(cache, 'k'), undefined);
  assert.deepEqual(await cache.keys(), ['stays']);
  assert.equal(cache.statistics().items, 2);
  assert.equal(await cache.sweep(), 1);
  assert.equal(await cache.sweep(), 0);
  assert.equal(cache.statistics().items, 1);
});

test('SqliteCache counts, and leaves alone what is no number', async (t) => {
  const { cache } = await open(t, scratch(t), { mathInitial: 5n });
  assert.equal(await cache.calculate('n', 'inc', 1n), true);
  assert.equal(await cache.calculate('n', 'mul', -3n), true);
  assert.equal(await cache.number('n'), -18n);
  await cache.set('text', bytes('12'));
  assert.equal(await cache.calculate('text', 'inc', 1n), false);
  assert.equal(await valueOf(cache, 'text'), '12');
  assert.equal(await cache.number('text'), 0n);
});

test('SqliteCache forgets its copy when another process changes the item', async (t) => {
  const directory = scratch(t);
  const first = (await open(t, directory)).cache;
  const second = (await open(t, directory)).cache;
  await first.set('k', bytes('old'));
  assert.equal(await valueOf(second, 'k'), 'old');
  await first.set('k', bytes('new'));
  assert.equal(await valueOf(second, 'k'), 'new');
  await first.clear();
  assert.equal(await valueOf(second, 'k'), undefined);
});

test('SqliteCache keeps no copy of what a change that is not committed yet is about to replace', async (t) => {
  const directory = scratch(t);
  const { cache, path = '' } = await open(t, directory);
  await cache.set('k', bytes('old'));
  // A process that has announced its change and is killed, or waits, before it commits; then it commits.
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE; UPDATE items SET value = CAST('new' AS BLOB); UPDATE state SET seq = seq + 1");
  const { SharedSlots } = await import('./shared-slots.ts');
  const slots = new SharedSlots(`${path}-slots`);
  t.after(() => slots.close());
  slots.setVersion(slots.slotOf(bytes('k')), 2);
  assert.equal(await valueOf(cache, 'k'), 'old');
  other.exec('COMMIT');
  assert.equal(await valueOf(cache, 'k'), 'new');
});

test('SqliteCache goes on reading while another process holds the lock, and says what it could not write', async (t) => {
  const directory = scratch(t);
  const { cache, path = '', log } = await open(t, directory);
  await cache.set('k', bytes('v'));
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  assert.equal(await cache.set('l', bytes('v')), false);
  assert.equal(await valueOf(cache, 'k'), 'v');
  assert.match(log.join('\n'), /could not write in "c": .*locked/);
  const began = monotonicSeconds();
  assert.equal(await cache.set('m', bytes('v')), false);
  assert.ok(monotonicSeconds() - began < 0.05, 'it waited once more');
  other.exec('ROLLBACK');
  assert.equal(await cache.set('l', bytes('v')), true);
});
