import assert from 'node:assert/strict';
import test from 'node:test';

import { type CronTime, isDue, matches, minuteOf, nextRun, seenAfter } from './cron-time.ts';

const always: CronTime = { minute: -1, hour: -1, day: -1, month: -1, week: -1 };
/** Sunday. */
const at = (hour: number, minute: number, second: number = 0): number =>
  new Date(2026, 10, 22, hour, minute, second).getTime();

/** Looks at these moments in turn. @returns those at which the entry ran */
function runs(time: CronTime, moments: readonly number[], seen?: number): number[] {
  let before = seen;
  return moments.filter((now) => {
    const due = isDue(time, now, before);
    before = seenAfter(now, before);
    return due;
  });
}

test('a cron time takes values, every N-th value, and everything', () => {
  assert.ok(matches(always, new Date(at(3, 7))));
  assert.ok(matches({ ...always, minute: -5 }, new Date(at(3, 10))));
  assert.ok(!matches({ ...always, minute: -5 }, new Date(at(3, 11))));
  assert.ok(matches({ ...always, hour: 3, minute: 7, month: 11, day: 22 }, new Date(at(3, 7))));
  assert.ok(!matches({ ...always, month: 10 }, new Date(at(3, 7))));
});

test('a cron time with a day and a weekday is content with one of them; Sunday is 0 and 7', () => {
  assert.ok(matches({ ...always, week: 7 }, new Date(at(3, 7))));
  assert.ok(matches({ ...always, day: 1, week: 0 }, new Date(at(3, 7))));
  assert.ok(!matches({ ...always, day: 1, week: 1 }, new Date(at(3, 7))));
});

test('an entry runs once in each of its minutes, also in that of the start', () => {
  const seconds = Array.from({ length: 180 }, (_, second) => at(12, 0, 20) + second * 1000);
  assert.deepEqual(runs(always, seconds), [at(12, 0, 20), at(12, 1), at(12, 2), at(12, 3)]);
});

test('an entry does not run again in the minute it has seen before a restart', () => {
  assert.deepEqual(runs(always, [at(12, 0, 30), at(12, 1)], minuteOf(at(12, 0))), [at(12, 1)]);
});

test('an entry runs once for a minute that was skipped', () => {
  const noon = { ...always, hour: 12, minute: 0 };
  assert.deepEqual(runs(noon, [at(11, 58), at(12, 30), at(12, 31)]), [at(12, 30)]);
});

test('an entry does not run a second time when the clock is set back, and goes on when the time is new', () => {
  assert.deepEqual(runs(always, [at(12, 0), at(12, 1), at(11, 30), at(12, 1), at(12, 2)]), [
    at(12, 0),
    at(12, 1),
    at(12, 2),
  ]);
});

test('an entry takes a clock that was wrong by hours as it is now', () => {
  assert.deepEqual(runs(always, [at(23, 0), at(12, 0), at(12, 1)]), [at(23, 0), at(12, 0), at(12, 1)]);
  assert.deepEqual(runs({ ...always, hour: 13, minute: 0 }, [at(1, 0), at(23, 0)]), []);
});

test('the next run is the first of its minutes to come, and never for an hour that no day has', () => {
  assert.equal(nextRun(always, at(3, 7, 30)), at(3, 8));
  assert.equal(nextRun({ ...always, minute: -5 }, at(3, 10)), at(3, 15));
  assert.equal(nextRun({ ...always, hour: 3, minute: 0 }, at(3, 0)), new Date(2026, 10, 23, 3).getTime());
  assert.equal(
    nextRun({ ...always, day: 29, month: 2, hour: 0, minute: 0 }, at(3, 0)),
    new Date(2028, 1, 29).getTime(),
  );
  assert.equal(nextRun({ ...always, hour: 25 }, at(3, 0)), undefined);
});
