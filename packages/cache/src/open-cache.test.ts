import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { bytes, open, scratch } from './cache.test-support.ts';
import { monotonicSeconds } from './monotonic-clock.ts';

test('openCache recovers what a store has kept', async (t) => {
  const directory = scratch(t);
  const first = await open(t, directory, { store: 'kept' });
  assert.deepEqual(first.log, ['creating a new cache store file: kept', '[uwsgi-cache] restored 0 items']);
  await first.cache.set('k', bytes('v'));
  await first.cache.close();
  const second = await open(t, directory, { store: 'kept' });
  assert.deepEqual(second.log, ['recovered cache from backing store file: kept', '[uwsgi-cache] restored 1 items']);
  assert.equal((await second.cache.get('k'))?.value.toString(), 'v');
  assert.equal(statSync(join(directory, 'kept')).mode & 0o777, 0o600);
});

test('openCache translates times when the machine was started anew in between', async (t) => {
  const directory = scratch(t);
  const first = await open(t, directory, { store: 'kept' });
  await first.cache.set('k', bytes('v'), { seconds: 100 });
  await first.cache.close();
  const database = new DatabaseSync(join(directory, 'kept'));
  // As if the clock of the machine had stood 1000 seconds later then, and ten seconds had passed since.
  database.exec(
    "UPDATE items SET expires = expires + 1000; UPDATE state SET boot = 'other', clock_offset = clock_offset - 1010",
  );
  database.close();
  const { cache } = await open(t, directory, { store: 'kept' });
  const left = ((await cache.get('k'))?.expiresAt ?? 0) - monotonicSeconds();
  assert.ok(left > 85 && left < 91, `${left} seconds are left`);
});

test('openCache leaves files of others alone, and caches without them', async (t) => {
  const directory = scratch(t);
  const database = new DatabaseSync(join(directory, 'theirs'));
  database.exec('CREATE TABLE precious (a); INSERT INTO precious VALUES (1)');
  database.close();
  writeFileSync(join(directory, 'of-uwsgi'), Buffer.alloc(22_360));
  for (const store of ['theirs', 'of-uwsgi']) {
    const before = readFileSync(join(directory, store));
    const { cache, log, path = '' } = await open(t, directory, { store });
    assert.match(log.join('\n'), new RegExp(`could not use ${store} for "c": it is .*; remove it, name another one`));
    assert.equal(await cache.set('k', bytes('v')), true);
    assert.notEqual(path, join(directory, store));
    assert.deepEqual(readFileSync(join(directory, store)), before);
  }
});

test('openCache removes what cannot be used where store_delete asks for it', async (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, 'kept'), 'not a database at all, but long enough to be taken for one'.repeat(100));
  const { cache, log, path } = await open(t, directory, { store: 'kept', deletesBadStore: true });
  assert.deepEqual(log, ['Removing invalid cache store file: kept']);
  assert.equal(path, join(directory, 'kept'));
  assert.equal(await cache.set('k', bytes('v')), true);
});

test('openCache puts a damaged store aside and begins a new one', async (t) => {
  const directory = scratch(t);
  const first = await open(t, directory, { store: 'kept', blockBytes: 60_000 });
  for (let i = 0; i < 8; i++) await first.cache.set(`k${i}`, bytes('x'.repeat(50_000)));
  await first.cache.close();
  const content = readFileSync(join(directory, 'kept'));
  content.fill(0x5a, 4096, 20_000);
  writeFileSync(join(directory, 'kept'), content);
  const { cache, log } = await open(t, directory, { store: 'kept' });
  assert.match(log.join('\n'), /could not use kept: it is damaged; it is kept as kept\.damaged, and a new one begun/);
  assert.ok(existsSync(join(directory, 'kept.damaged')));
  assert.equal(await cache.set('k', bytes('v')), true);
});

test('openCache goes on without a cache where none can be made', async (t) => {
  const { cache, log, path } = await open(t, '/nowhere/at/all', { store: 'kept' });
  assert.equal(path, undefined);
  assert.equal(await cache.set('k', bytes('v')), false);
  assert.equal(await cache.get('k'), undefined);
  assert.match(log.join('\n'), /could not open "c" as .*; nothing is cached there/);
});
