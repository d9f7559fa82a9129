import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { isFileAction, performFileAction, type FileActionName } from './file-action.ts';

let directory = '';

before(() => (directory = mkdtempSync(join(tmpdir(), 'file-action-'))));
after(() => rmSync(directory, { recursive: true }));

/** The argument's first word lies in the directory of the test. */
function perform(name: FileActionName, argument: string): string {
  performFileAction(name, join(directory, argument));
  return join(directory, argument.split(' ')[0] ?? '');
}

test('performFileAction writes and appends, with a newline where the name ends in n', () => {
  assert.equal(readFileSync(perform('write', 'text two words'), 'utf8'), 'two words');
  assert.equal(readFileSync(perform('appendn', 'text , a line'), 'utf8'), 'two words, a line\n');
  assert.equal(readFileSync(perform('writen', 'text anew'), 'utf8'), 'anew\n');
  assert.equal(readFileSync(perform('append', 'text more'), 'utf8'), 'anew\nmore');
});

test('performFileAction makes and removes files, directories and pipes', () => {
  assert.equal(readFileSync(perform('create', 'new'), 'utf8'), '');
  assert.equal(existsSync(perform('unlink', 'new')), false);
  assert.ok(statSync(perform('mkdir', 'below')).isDirectory());
  assert.equal(existsSync(perform('rmdir', 'below')), false);
  assert.ok(statSync(perform('mkfifo', 'pipe')).isFIFO());
});

test('performFileAction changes modes, and owners by number', () => {
  perform('touch', 'mine');
  assert.equal(statSync(perform('chmod', 'mine 640')).mode & 0o777, 0o640);
  const { uid, gid } = statSync(join(directory, 'mine'));
  assert.equal(statSync(perform('chown2', `mine ${uid} ${gid}`)).uid, uid);
  perform('mkdir', 'shared');
  assert.equal(statSync(perform('sticky', 'shared')).mode & 0o1000, 0o1000);
});

test('performFileAction does not wait for somebody to read a pipe', () => {
  perform('mkfifo', 'unread');
  assert.throws(() => perform('writefifo', 'unread text'), { code: 'ENXIO' });
});

test('isFileAction knows what is done to files, and nothing of Object', () => {
  assert.deepEqual(['mkdir', 'exec', 'toString', ''].map(isFileAction), [true, false, false, false]);
});
