import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemoryReturn } from './memory-return.ts';

const MEGABYTE = 1024 * 1024;
/** Longer than it waits between two looks. */
const A_WHILE_MS = 2000;

/** Counts what is done; the heap has as many megabytes as the test says. */
class Means {
  heapMegabytes = 10;
  done: string[] = [];
  readonly trim = (): void => void this.done.push('trim');
  readonly collect = (): void => {
    this.done.push('collect');
    this.heapMegabytes = 11;
  };
  readonly heapBytes = (): number => this.heapMegabytes * MEGABYTE;

  /** What has been done since it was last asked. */
  take(): string[] {
    return this.done.splice(0);
  }
}

test('MemoryReturn trims while there is work, collects once it is over, then sleeps', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const means = new Means();
  const memory = new MemoryReturn(means);
  memory.started();
  assert.deepEqual(means.take(), ['trim']);

  means.heapMegabytes = 20;
  for (let look = 0; look < 3; look++) {
    memory.worked();
    memory.worked();
    t.mock.timers.tick(A_WHILE_MS);
    assert.deepEqual(means.take(), ['trim']);
  }
  t.mock.timers.tick(A_WHILE_MS);
  assert.deepEqual(means.take(), ['collect', 'trim']);
  t.mock.timers.tick(10 * A_WHILE_MS);
  assert.deepEqual(means.take(), []);
});

test('MemoryReturn does not collect again before the heap has grown', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const means = new Means();
  const memory = new MemoryReturn(means);
  memory.started();
  const workOnce = (): string[] => {
    memory.worked();
    t.mock.timers.tick(A_WHILE_MS);
    t.mock.timers.tick(A_WHILE_MS);
    return means.take();
  };
  assert.deepEqual(workOnce(), ['trim', 'trim', 'collect', 'trim']);
  means.heapMegabytes = 12;
  assert.deepEqual(workOnce(), ['trim', 'trim']);
  means.heapMegabytes = 14;
  assert.deepEqual(workOnce(), ['trim', 'collect', 'trim']);
});
