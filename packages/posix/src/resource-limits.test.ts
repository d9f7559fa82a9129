import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const PROGRAM = `
import { readFileSync } from 'node:fs';
import { limitResource } from ${JSON.stringify(new URL('resource-limits.js', import.meta.url).href)};
limitResource('openFiles', 300);
limitResource('processes', 4000);
console.log(readFileSync('/proc/self/limits', 'latin1'));
`;

test('limitResource limits open files and processes', () => {
  const limits = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { encoding: 'utf8' });
  assert.match(limits, /^Max open files +300 +300 /m);
  assert.match(limits, /^Max processes +4000 +4000 /m);
});
