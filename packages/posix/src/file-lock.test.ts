import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { lockFile } from './file-lock.ts';

test('lockFile locks a file until it is closed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lock-'));
  const open = (): number => openSync(join(directory, 'lock'), 'a');
  const [first, second] = [open(), open()];
  assert.equal(lockFile(first), true);
  assert.equal(lockFile(second), false);
  closeSync(first);
  assert.equal(lockFile(second), true);
  closeSync(second);
  assert.throws(() => lockFile(second), { code: 'EBADF' });
  rmSync(directory, { recursive: true });
});
