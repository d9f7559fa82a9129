import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { visit } from './route-rig.test-support.ts';

test('chdir leads the rules behind it to other files, for one request', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'chdir-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  mkdirSync(path.join(directory, 'inner'));
  writeFileSync(path.join(directory, 'inner', 'page.txt'), 'page');
  const rules = [
    'route-if-not = empty:${QUERY_STRING} chdir:inner',
    'route-if = isfile:page.txt addheader:X-There: yes',
    'route-run = file:filename=page.txt',
  ];
  const settings = { directory };
  assert.match(visit(rules, '/?go', { settings }).answer, /^200 OK\n[\s\S]*X-There: yes\n\npage$/);
  assert.match(visit(rules, '/', { settings }).answer, /^404 /);
});
