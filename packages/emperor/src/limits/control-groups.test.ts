import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ControlGroups } from './control-groups.ts';

const LIMITS = { memoryBytes: 64_000_000, cpuPercent: 150, processes: 20 };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'emperor-groups-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function read(...names: string[]): string {
  return readFileSync(join(root, ...names), 'utf8');
}

test('ControlGroups of version 2 leave a group without processes of its own, and limit another one below it', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
  writeFileSync(join(root, 'cgroup.type'), 'domain\n');
  writeFileSync(join(root, 'cgroup.procs'), '17\n');
  const groups = new ControlGroups([{ version: 2, controllers: [], directory: root }]);
  const group = groups.make('a', LIMITS);
  group.add(99);
  assert.equal(read('emperor/cgroup.procs'), '17');
  assert.equal(read('cgroup.subtree_control'), '+memory +cpu +pids');
  assert.deepEqual(
    ['memory.max', 'cpu.max', 'pids.max', 'cgroup.procs'].map((file) => read('vassal-a', file)),
    ['64000000', '150000 100000', '20', '99'],
  );
});

test('ControlGroups of version 2 leave the root of all groups its processes, for those of the kernel do not move', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
  writeFileSync(join(root, 'cgroup.procs'), '2\n');
  new ControlGroups([{ version: 2, controllers: [], directory: root }]).make('a', LIMITS);
  assert.equal(existsSync(join(root, 'emperor')), false);
  assert.equal(read('cgroup.subtree_control'), '+memory +cpu +pids');
  assert.equal(read('vassal-a/pids.max'), '20');
});

test('ControlGroups of version 2 count what the kernel killed for want of memory', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
  mkdirSync(join(root, 'vassal-a'));
  writeFileSync(join(root, 'vassal-a/memory.events'), 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n');
  const group = new ControlGroups([{ version: 2, controllers: [], directory: root }]).of('a');
  assert.equal(group.outOfMemoryKills, 2);
});

test('ControlGroups of version 1 limit in the hierarchy of each controller', () => {
  const hierarchies = ['memory', 'cpu', 'pids'].map((each) => {
    const directory = join(root, each);
    mkdirSync(directory);
    return { version: 1, controllers: [each], directory } as const;
  });
  new ControlGroups(hierarchies).make('a', LIMITS).add(99);
  assert.deepEqual(
    [
      'memory/vassal-a/memory.limit_in_bytes',
      'cpu/vassal-a/cpu.cfs_quota_us',
      'pids/vassal-a/pids.max',
      'pids/vassal-a/cgroup.procs',
    ].map((file) => read(file)),
    ['64000000', '150000', '20', '99'],
  );
});

test('ControlGroups say what they need where there are none', () => {
  assert.throws(
    () => new ControlGroups([]).make('a', LIMITS),
    /limits cannot be set: the kernel offers no control groups for memory; .*"Delegate=yes"/,
  );
});
