import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { ringBell } from './job-bell.ts';

test('ringBell wakes who waits at the bell, and does nothing where nobody does', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'job-bell-'));
  t.after(() => rmSync(directory, { recursive: true }));
  ringBell(directory);
  const path = join(directory, 'jobs.bell');
  execFileSync('mkfifo', [path]);
  ringBell(directory);
  const waiting = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(waiting));
  ringBell(directory);
  assert.equal(readSync(waiting, Buffer.alloc(8)), 1);
});
