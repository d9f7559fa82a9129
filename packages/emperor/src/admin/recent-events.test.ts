import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EmperorEvent } from '../events.ts';
import { RecentEvents } from './recent-events.ts';

function output(vassal: string, line: string): EmperorEvent {
  return { type: 'vassal-output', vassal, stream: 'stderr', line };
}

test('what a vassal wrote is kept apart from what happened to it, the latest of each', () => {
  let now = 0;
  const recent = new RecentEvents(() => (now += 1000));
  recent.note({ type: 'vassal-launched', vassal: 'a.ini', pid: 1 });
  for (let count = 1; count <= 300; count++) recent.note(output('a.ini', `line ${count}`));
  assert.deepEqual(
    recent.output('a.ini', 2).map(({ message }) => message),
    ['line 299', 'line 300'],
  );
  assert.equal(recent.output('a.ini', 1000).length, 200);
  assert.deepEqual(recent.events('a.ini', 10), [
    {
      time: '1970-01-01T00:00:01.000Z',
      event: 'vassal-launched',
      vassal: 'a.ini',
      level: 'info',
      message: '[emperor] starting vassal a.ini (pid: 1)',
    },
  ]);
});

test('the output of all vassals is in the order of its times', () => {
  let now = 0;
  const recent = new RecentEvents(() => (now += 1000));
  for (const [vassal, line] of [
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
  ] as const)
    recent.note(output(vassal, line));
  assert.deepEqual(
    recent.output(undefined, 2).map(({ vassal, message }) => `${vassal} ${message}`),
    ['a 2', 'b 3'],
  );
});

test('a vassal that is removed takes its lines along, and the list of all events keeps what happened', () => {
  const recent = new RecentEvents();
  recent.note(output('a', '1'));
  recent.note({ type: 'vassal-removed', vassal: 'a' });
  assert.deepEqual(recent.output('a', 10), []);
  assert.deepEqual(
    recent.events(undefined, 10).map(({ event }) => event),
    ['vassal-removed'],
  );
});

test('listeners hear what happens until they have enough', () => {
  const recent = new RecentEvents();
  const heard: string[] = [];
  const forget = recent.listen(({ message }) => heard.push(message));
  recent.note(output('a', '1'));
  forget();
  recent.note(output('a', '2'));
  assert.deepEqual(heard, ['1']);
});

test('lines that are dropped again and again are one event, that of the last time', () => {
  const recent = new RecentEvents();
  recent.note({ type: 'vassal-loyal', vassal: 'a', pid: 1 });
  for (let lines = 1; lines <= 100; lines++) recent.note({ type: 'vassal-output-dropped', vassal: 'a', lines });
  assert.deepEqual(
    recent.events('a', 10).map(({ message }) => message),
    ['[emperor] vassal a is now loyal', '[emperor] vassal a writes too fast: 100 lines dropped'],
  );
});
