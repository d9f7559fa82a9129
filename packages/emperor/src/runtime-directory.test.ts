import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { EmperorError } from './emperor-error.ts';
import { RuntimeDirectory, runtimeDirectoryPath } from './runtime-directory.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'emperor-directory-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('runtimeDirectoryPath prefers what was asked for, then systemd, the session, the default', () => {
  const environment = { RUNTIME_DIRECTORY: '/run/unit:/run/other', XDG_RUNTIME_DIR: '/run/user/7' };
  assert.equal(runtimeDirectoryPath('/asked', environment, 0), '/asked');
  assert.equal(runtimeDirectoryPath(undefined, environment, 0), '/run/unit');
  assert.equal(runtimeDirectoryPath(undefined, { XDG_RUNTIME_DIR: '/run/user/7' }, 7), '/run/user/7/emperor');
  assert.equal(runtimeDirectoryPath(undefined, {}, 0), '/run/emperor');
  assert.equal(runtimeDirectoryPath(undefined, {}, 7), join(tmpdir(), 'emperor-7'));
});

test('RuntimeDirectory is private, and goes when it was made here', async () => {
  const path = join(root, 'a/b');
  const directory = await RuntimeDirectory.take(path);
  assert.deepEqual([statSync(path).mode & 0o777, statSync(join(path, 'vassals')).mode & 0o777], [0o700, 0o700]);
  directory.release();
  assert.ok(!existsSync(path));
});

test('RuntimeDirectory stays when it was there before, without what is ours', async () => {
  chmodSync(root, 0o755);
  const directory = await RuntimeDirectory.take(root);
  assert.equal(statSync(root).mode & 0o777, 0o700);
  directory.release();
  assert.ok(existsSync(root) && !existsSync(join(root, 'vassals')) && !existsSync(join(root, 'emperor.pid')));
});

test('RuntimeDirectory is held by one emperor, named in the refusal of another', async () => {
  const directory = await RuntimeDirectory.take(root);
  await assert.rejects(RuntimeDirectory.take(root), (error: Error) => {
    assert.ok(error instanceof EmperorError);
    assert.match(error.message, new RegExp(`the emperor with pid ${process.pid} is using it`));
    return true;
  });
  assert.ok(existsSync(join(root, 'emperor.pid')), 'the holder loses nothing');
  directory.release();
  (await RuntimeDirectory.take(root)).release();
});

test('RuntimeDirectory is left for another emperor with what is in it', async () => {
  const path = join(root, 'left');
  const directory = await RuntimeDirectory.take(path);
  directory.places.make('a');
  directory.leave();
  const next = await RuntimeDirectory.take(path);
  assert.ok(existsSync(join(path, 'vassals/a')));
  next.release();
  assert.ok(!existsSync(join(path, 'vassals')));
});

test('RuntimeDirectory removes temporary ones of emperors that were killed', () => {
  const dead = spawnSync('true').pid;
  const left = mkdtempSync(join(tmpdir(), 'emperor-runtime-'));
  writeFileSync(join(left, 'emperor.pid'), `${dead}\n`);
  const held = RuntimeDirectory.takeTemporary();
  assert.ok(!existsSync(left));
  RuntimeDirectory.takeTemporary().release();
  assert.ok(existsSync(held.path));
  held.release();
  assert.ok(!existsSync(held.path));
});

test('RuntimeDirectory refuses a file, and a name too long for sockets', async () => {
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(RuntimeDirectory.take(join(root, 'file')), /could not use the runtime directory/);
  await assert.rejects(RuntimeDirectory.take(join(root, 'x'.repeat(100))), /too long a name/);
});
