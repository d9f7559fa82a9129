import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { replaceDescriptor } from './descriptor.ts';

test('replaceDescriptor sends what is written to the old descriptor to the new file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'emperor-descriptor-'));
  const [first, second] = [openSync(join(directory, 'first'), 'w'), openSync(join(directory, 'second'), 'w')];
  writeSync(first, 'before');
  replaceDescriptor(first, second);
  writeSync(first, 'after');
  closeSync(first);
  closeSync(second);
  assert.deepEqual(
    ['first', 'second'].map((name) => readFileSync(join(directory, name), 'utf8')),
    ['before', 'after'],
  );
  rmSync(directory, { recursive: true });
});
