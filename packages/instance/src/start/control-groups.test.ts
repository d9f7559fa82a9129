import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import type { Config } from '@emperor/config';

import { enterControlGroups } from './control-groups.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cgroup-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function enter(...settings: string[]): string[] {
  const lines: string[] = [];
  const options = { cgroup: [directory], 'cgroup-opt': settings, 'cgroup-dir-mode': undefined };
  enterControlGroups({ options } as unknown as Config, (line) => lines.push(line));
  return lines;
}

test('an instance enters its control groups and sets their values, with the lines of uWSGI', () => {
  writeFileSync(join(directory, 'tasks'), '');
  assert.deepEqual(enter('pids.max=50'), [
    `using Linux cgroup ${directory} with mode 700`,
    `assigned process ${process.pid} to cgroup ${directory}/tasks`,
    `set 50 to ${directory}/pids.max`,
  ]);
  assert.equal(readFileSync(join(directory, 'pids.max'), 'utf8'), '50');
});

test('an instance says what it takes where a directory is no control group, or a setting no setting', () => {
  assert.throws(() => enter(), /cgroup = .*: it is no control group; it takes a directory below \/sys\/fs\/cgroup/);
  writeFileSync(join(directory, 'cgroup.procs'), '');
  assert.throws(() => enter('nonsense'), /cgroup-opt = nonsense is no NAME=VALUE/);
});
