import assert from 'node:assert/strict';
import { mkdtempDisposableSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { makeDirectories } from './make-directories.ts';

test('makeDirectories makes what is missing, with the mode, and says whether it did', () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'make-directories-'));
  const path = join(directory.path, 'a/b');
  assert.equal(makeDirectories(path, 0o700), true);
  for (const made of [path, join(directory.path, 'a')]) assert.equal(statSync(made).mode & 0o777, 0o700);
  assert.equal(makeDirectories(path, 0o700), false);
});

test('makeDirectories gives up at once where the kernel takes no directories', () => {
  for (const path of ['/proc/nope', '/proc/nope/below'])
    assert.throws(() => makeDirectories(path), { code: 'ENOENT', path: '/proc/nope' });
});

test('makeDirectories takes no file for a directory', () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'make-directories-'));
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  assert.throws(() => makeDirectories(file), { code: 'EEXIST' });
  assert.throws(() => makeDirectories(join(file, 'below')), { code: 'ENOTDIR' });
});
