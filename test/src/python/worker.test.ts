import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { repository } from '../rig/subject.ts';

const directory = `${repository}packages/worker/python`;

/** The worker's Python side has its unit tests beside the code too; they run on the `python3` of the PATH, as apps do. */
for (const file of globSync(['**/*_test.py', '**/test_*.py'], { cwd: directory }).toSorted()) {
  test(`packages/worker/python/${file} passes`, async () => {
    const module = file.slice(0, -'.py'.length).replaceAll('/', '.');
    const { stderr } = await promisify(execFile)('python3', ['-B', '-m', 'unittest', module], { cwd: directory });
    assert.match(stderr, /^OK/m, stderr);
  });
}
