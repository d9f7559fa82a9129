import assert from 'node:assert/strict';
import test, { mock } from 'node:test';

import { type Expiring, TimerWheel } from './timer-wheel.ts';

/** A wheel on a clock of the test's own. */
class Clock implements Disposable {
  readonly wheel: TimerWheel;
  #nowMs = 0;

  constructor() {
    mock.timers.enable({ apis: ['setInterval'] });
    mock.method(performance, 'now', () => this.#nowMs);
    this.wheel = new TimerWheel();
  }

  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += 250) {
      this.#nowMs += 250;
      mock.timers.tick(250);
    }
  }

  [Symbol.dispose](): void {
    mock.restoreAll();
    mock.timers.reset();
  }
}

class Item implements Expiring {
  deadlineMs: number;
  calls = 0;
  onCall: () => void = () => {};

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  onDeadline(): void {
    this.calls++;
    this.onCall();
  }
}

test('TimerWheel calls at the deadline, not before, and again every tick until it is moved', () => {
  using clock = new Clock();
  const item = new Item(1000);
  clock.wheel.watch(item);
  clock.advance(750);
  assert.equal(item.calls, 0);
  clock.advance(250);
  assert.equal(item.calls, 1);
  clock.advance(250);
  assert.equal(item.calls, 2);
});

test('TimerWheel follows a deadline that was moved later by writing it, and earlier by watching again', () => {
  using clock = new Clock();
  const item = new Item(1000);
  clock.wheel.watch(item);
  item.deadlineMs = 5000;
  clock.advance(4750);
  assert.equal(item.calls, 0);
  item.deadlineMs = 9000;
  clock.advance(2000);
  assert.equal(item.calls, 0);
  item.deadlineMs = 7000;
  clock.wheel.watch(item);
  clock.advance(250);
  assert.equal(item.calls, 1);
});

test('TimerWheel keeps deadlines beyond its circumference, and those that never come', () => {
  using clock = new Clock();
  const far = new Item(600_000);
  const never = new Item(Infinity);
  clock.wheel.watch(far);
  clock.wheel.watch(never);
  clock.advance(599_750);
  assert.equal(far.calls, 0);
  clock.advance(500);
  assert.ok(far.calls >= 1);
  assert.equal(never.calls, 0);
});

test('TimerWheel forgets what is unwatched, also by its own deadline or that of another', () => {
  using clock = new Clock();
  const first = new Item(250);
  const second = new Item(250);
  // Which of the two comes first is not said.
  first.onCall = second.onCall = () => {
    clock.wheel.unwatch(first);
    clock.wheel.unwatch(second);
  };
  clock.wheel.watch(first);
  clock.wheel.watch(second);
  clock.advance(2000);
  assert.equal(first.calls + second.calls, 1);
  clock.wheel.watch(second);
  clock.advance(250);
  assert.equal(first.calls + second.calls, 2);
});
