import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rememberingMemory } from './memory-figures.ts';

test('the memory of a process is asked for once a second, and kept for one that has gone', () => {
  const asked: number[] = [];
  let alive = true;
  const memoryOf = rememberingMemory((pid) => {
    asked.push(pid);
    return alive ? { rss: asked.length, vsz: pid } : undefined;
  });
  assert.deepEqual(memoryOf(7, 0), { rss: 1, vsz: 7 });
  assert.deepEqual(memoryOf(7, 999), { rss: 1, vsz: 7 });
  assert.deepEqual(memoryOf(8, 999), { rss: 2, vsz: 8 });
  assert.deepEqual(memoryOf(7, 1000), { rss: 3, vsz: 7 });
  alive = false;
  assert.deepEqual(memoryOf(7, 5000), { rss: 3, vsz: 7 });
  assert.deepEqual(memoryOf(9, 5000), { rss: 0, vsz: 0 });
  assert.deepEqual(asked, [7, 8, 7, 7, 9]);
});
