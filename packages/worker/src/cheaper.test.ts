import assert from 'node:assert/strict';
import test from 'node:test';

import type { BusynessSettings } from './cheaper-busyness.ts';
import { type CheaperSettings, createCheaperAlgorithm, type PoolLoad } from './cheaper.ts';

const settings: CheaperSettings = { minimum: 1, initial: 1, step: 2, overload: 3 };
const load: PoolLoad = { active: 1, busy: 0, maximum: 4, queued: 0, busyness: 0, rssBytes: 0 };

const lines: string[] = [];

/** Decisions over the checks given. */
function decide(over: Partial<CheaperSettings>, ...loads: Partial<PoolLoad>[]): number[] {
  const algorithm = createCheaperAlgorithm({ ...settings, ...over }, (line) => lines.push(line));
  return loads.map((given) => algorithm.decide({ ...load, ...given }));
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

test('spare adds a step after overload checks with all workers busy, up to the maximum', () => {
  assert.deepEqual(decide({}, ...times(4, { active: 1, busy: 1 })), [0, 0, 2, 0]);
  assert.deepEqual(decide({}, ...times(3, { active: 3, busy: 3 })), [0, 0, 1]);
  assert.deepEqual(decide({}, ...times(4, { active: 4, busy: 4 })), [0, 0, 0, 0]);
});

test('spare starts counting again when a worker was idle', () => {
  const busy = { active: 1, busy: 1 };
  assert.deepEqual(decide({}, busy, busy, { active: 1, busy: 0 }, busy, busy), [0, 0, 0, 0, 0]);
});

test('spare lets one worker go per overload period, keeps one idle above the busy ones, and the minimum', () => {
  assert.deepEqual(decide({}, ...times(6, { active: 4, busy: 1 })), [0, 0, -1, 0, 0, -1]);
  assert.deepEqual(decide({}, ...times(4, { active: 2, busy: 1 })), [0, 0, 0, 0]);
  assert.deepEqual(decide({}, ...times(4, { active: 1, busy: 0 })), [0, 0, 0, 0]);
  assert.deepEqual(decide({ minimum: 2 }, ...times(4, { active: 2, busy: 0 })), [0, 0, 0, 0]);
});

test('spare2 keeps idle workers in store', () => {
  const spare2 = { algorithm: 'spare2', minimum: 2, idleChecks: 2 } as const;
  assert.deepEqual(decide(spare2, { active: 2, busy: 1 }, { active: 3, busy: 3 }, { active: 4, busy: 3 }), [1, 1, 0]);
  assert.deepEqual(decide(spare2, ...times(3, { active: 4, busy: 0 })), [0, -1, 0]);
});

test('backlog follows the queue', () => {
  const backlog = { algorithm: 'backlog' } as const;
  assert.deepEqual(decide(backlog, { queued: 3 }, { queued: 4 }, { queued: 9, active: 4 }), [0, 2, 0]);
  assert.deepEqual(decide(backlog, { active: 3, busy: 1 }, { active: 2, busy: 1 }), [-1, 0]);
});

const quiet: BusynessSettings = {
  maximum: 50,
  minimum: 25,
  multiplier: 1,
  penalty: 1,
  backlogAlert: 5,
  backlogStep: 2,
  backlogMultiplier: 1,
  backlogNonzero: 3,
  verbose: false,
};

test('busyness looks at the mean of a period', () => {
  const busyness = { algorithm: 'busyness', busyness: { ...quiet, multiplier: 2 } } as const;
  assert.deepEqual(decide(busyness, { busyness: 10 }, { busyness: 100 }, { busyness: 100 }), [0, 0, 2]);
  assert.deepEqual(decide(busyness, ...times(6, { active: 3, busyness: 5 })), [0, 0, 0, 0, 0, -1]);
});

test('busyness asks for more quiet cycles after a worker went too early', () => {
  const busyness = { algorithm: 'busyness', overload: 1, busyness: quiet } as const;
  const low = { active: 2, busyness: 0 };
  const high = { active: 1, busyness: 100 };
  assert.deepEqual(decide(busyness, low, high, low, low, low), [-1, 2, 0, -1, 0]);
});

test('busyness starts emergency workers for requests that wait, many or long', () => {
  const busyness = { algorithm: 'busyness', busyness: quiet } as const;
  assert.deepEqual(decide(busyness, { queued: 4 }, { queued: 5 }), [0, 2]);
  assert.deepEqual(decide(busyness, ...times(3, { queued: 1, busyness: 30 })), [0, 0, 1]);
});

test('busyness explains itself when it is told to', () => {
  lines.length = 0;
  decide({ algorithm: 'busyness', overload: 1, busyness: { ...quiet, verbose: true } }, { busyness: 40 });
  assert.deepEqual(lines, ['[busyness] 40% average busyness of 1 worker(s), 0 quiet cycle(s)']);
});

test('a soft limit of memory keeps workers from being started, a hard one ends some', () => {
  const limits = { rssSoftBytes: 100, rssHardBytes: 200, overload: 1 };
  const busy = { active: 2, busy: 2 };
  assert.deepEqual(
    decide(limits, { ...busy, rssBytes: 99 }, { ...busy, rssBytes: 100 }, { ...busy, rssBytes: 200 }),
    [2, 0, -1],
  );
  assert.deepEqual(decide(limits, { active: 1, busy: 1, rssBytes: 300 }), [0]);
});

test('manual changes nothing', () => {
  assert.deepEqual(decide({ algorithm: 'manual' }, ...times(5, { active: 1, busy: 1, queued: 100 })), times(5, 0));
});
