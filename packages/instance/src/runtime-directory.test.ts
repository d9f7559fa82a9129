import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { RuntimeDirectory } from './runtime-directory.ts';

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'runtime-directory-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('RuntimeDirectory makes a private directory in the place the emperor has for the process, and removes it', (t) => {
  const place = scratch(t);
  const runtime = new RuntimeDirectory({
    EMPEROR_CONTROL_SOCKET: join(place, 'control'),
    RUNTIME_DIRECTORY: '/nowhere',
  });
  assert.deepEqual(readdirSync(place), []);
  assert.equal(dirname(runtime.path), place);
  assert.equal(runtime.path, runtime.path);
  assert.equal(statSync(runtime.path).mode & 0o777, 0o700);
  writeFileSync(join(runtime.path, 'file'), '');
  runtime.remove();
  assert.deepEqual(readdirSync(place), []);
});

test('RuntimeDirectory goes to the next place where one cannot be used', (t) => {
  const given = scratch(t);
  const runtime = new RuntimeDirectory({ EMPEROR_CONTROL_SOCKET: '/nowhere/at/all/control', RUNTIME_DIRECTORY: given });
  assert.equal(dirname(runtime.path), given);
  runtime.remove();
});

test('RuntimeDirectory removes what instances that were killed have left, and nothing else', (t) => {
  const given = scratch(t);
  const first = new RuntimeDirectory({ RUNTIME_DIRECTORY: given });
  const dead = String(spawnSync('true').pid);
  const left = join(given, basename(first.path).replace(`-${process.pid}-`, `-${dead}-`));
  renameSync(first.path, left);
  const foreign = left.replace(/instance-\d+/, 'instance-1');
  mkdirSync(foreign);
  const second = new RuntimeDirectory({ RUNTIME_DIRECTORY: given });
  const own = basename(second.path);
  assert.deepEqual(readdirSync(given).toSorted(), [basename(foreign), own].toSorted());
  assert.ok(!existsSync(left));
  second.remove();
});
