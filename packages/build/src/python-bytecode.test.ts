import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { compilePython } from './python-bytecode.ts';

const directory = mkdtempSync(join(tmpdir(), 'bytecode-'));
after(() => rmSync(directory, { recursive: true }));

test('compilePython leaves bytecode beside each file, however deep', () => {
  const inner = join(directory, 'package', 'inner');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, 'leaf.py'), 'GREEN = True\n');
  assert.equal(compilePython(directory), true);
  assert.match(readdirSync(join(inner, '__pycache__')).join(' '), /^leaf\.\S+\.pyc$/);
});
