import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { MemoryReturn } from './memory-return.ts';

const MEGABYTE = 1024 * 1024;
/** Until it looks again. */
const A_WHILE_MS = 2000;
/** Without work for so long, it collects. */
const QUIET_MS = 30_000;

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

/** Works once and lets the time pass that makes two looks; what was done meanwhile. */
function workOnce(t: TestContext, memory: MemoryReturn, means: Means): string[] {
  memory.worked();
  t.mock.timers.tick(A_WHILE_MS);
  t.mock.timers.tick(A_WHILE_MS);
  return means.take();
}

test('MemoryReturn trims while there is work, collects once the first is over, then sleeps', (t) => {
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
  assert.deepEqual(means.take(), ['collect', 'trim', 'trim']);
  t.mock.timers.tick(2 * QUIET_MS);
  assert.deepEqual(means.take(), []);
});

test('MemoryReturn collects again only when there has been no work for half a minute', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const means = new Means();
  const memory = new MemoryReturn(means);
  assert.deepEqual(workOnce(t, memory, means), ['trim', 'collect', 'trim', 'trim']);
  means.heapMegabytes = 20;
  for (let pause = 0; pause < 3; pause++) {
    assert.deepEqual(workOnce(t, memory, means), ['trim', 'trim']);
    t.mock.timers.tick(QUIET_MS - 1);
    assert.deepEqual(means.take(), []);
  }
  t.mock.timers.tick(1);
  assert.deepEqual(means.take(), ['collect', 'trim']);
});

test('MemoryReturn does not collect again before the heap has grown', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const means = new Means();
  const memory = new MemoryReturn(means);
  workOnce(t, memory, means);
  means.heapMegabytes = 12;
  workOnce(t, memory, means);
  t.mock.timers.tick(QUIET_MS);
  assert.deepEqual(means.take(), []);
  means.heapMegabytes = 14;
  workOnce(t, memory, means);
  t.mock.timers.tick(QUIET_MS);
  assert.deepEqual(means.take(), ['collect', 'trim']);
});
