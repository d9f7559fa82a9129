import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Announcements } from './announcements.ts';
import type { WorkerProcess } from './worker-process.ts';

function open(): { announcements: Announcements; lines: string[]; spawned: number[] } {
  const lines: string[] = [];
  const spawned: number[] = [];
  const line = (text: string): void => void lines.push(text);
  const announcements = new Announcements({
    threads: 2,
    offloadThreads: 0,
    hasCompany: true,
    log: { line, dated: line },
    onEvent: (event) => void (event.type === 'worker-spawned' && spawned.push(event.workerId)),
  });
  return { announcements, lines, spawned };
}

function process(id: number): WorkerProcess {
  return { id, pid: 100 + id } as WorkerProcess;
}

test('Announcements prints the starts in their order, whichever is known first', () => {
  const { announcements, lines, spawned } = open();
  const [first, second] = [process(1), process(2)];
  for (const worker of [first, second]) announcements.expect(worker, false);
  announcements.known(second);
  announcements.known(second);
  assert.deepEqual(lines, []);
  announcements.known(first);
  assert.deepEqual(lines, [
    'spawned uWSGI worker 1 (pid: 101, cores: 2)',
    'spawned uWSGI worker 2 (pid: 102, cores: 2)',
  ]);
  assert.deepEqual(spawned, [1, 2]);
});

test('Announcements does not wait for a process that is gone', () => {
  const { announcements, lines } = open();
  const [first, second] = [process(1), process(2)];
  for (const worker of [first, second]) announcements.expect(worker, false);
  announcements.known(second);
  announcements.drop(first);
  assert.deepEqual(lines, ['spawned uWSGI worker 2 (pid: 102, cores: 2)']);
});

test('Announcements prints lines about a process behind its announcement', () => {
  const { announcements, lines } = open();
  const [first, second] = [process(1), process(2)];
  announcements.expect(first, false);
  announcements.expect(second, true);
  announcements.add(second, ['loaded']);
  announcements.known(second);
  announcements.known(first);
  announcements.add(first, ['loaded later']);
  assert.deepEqual(lines, [
    'spawned uWSGI worker 1 (pid: 101, cores: 2)',
    'Respawned uWSGI worker 2 (new pid: 102)',
    'loaded',
    'loaded later',
  ]);
});
