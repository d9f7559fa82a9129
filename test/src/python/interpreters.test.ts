import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { repository } from '../rig/subject.ts';

const run = promisify(execFile);

/** What the bridge must run on, beside the `python3` of the PATH, which all other tests use: from this version of CPython, and PyPy. */
const oldestMinor = 8;

/** The tests of the worker that say most about the bridge. */
const suites = ['wsgi', 'request-body', 'websocket'].map((name) => `${repository}packages/worker/dist/${name}.test.js`);

/** Each suite has the time of a test. */
const suitesTimeoutMs = suites.length * 60_000;

interface Interpreter {
  readonly file: string;
  /** Minor version of CPython; undefined for PyPy. */
  readonly minor: number | undefined;
}

/** Every Python 3 of the PATH and of pyenv that runs. */
async function findInterpreters(): Promise<Interpreter[]> {
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((directory) => !directory.endsWith('/shims')),
    ...globSync(join(homedir(), '.pyenv/versions/3.*/bin')),
  ];
  const names = ['python3', 'pypy3', ...Array.from({ length: 8 }, (_, i) => `python3.${oldestMinor + i}`)];
  const files = directories
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .filter((file) => existsSync(file));
  const script = 'import sys; print(sys.implementation.name, sys.version_info[1])';
  const asked = files.map(async (file) => {
    const { stdout } = await run(file, ['-c', script]).catch(() => ({ stdout: '' }));
    const [name, minor] = stdout.trim().split(' ');
    return { file, minor: name === 'cpython' ? Number(minor) : undefined, runs: name === 'cpython' || name === 'pypy' };
  });
  return (await Promise.all(asked)).filter(({ runs, minor }) => runs && (minor ?? oldestMinor) >= oldestMinor);
}

const found = await findInterpreters();
const versions = found.filter(({ minor }) => minor !== undefined).toSorted((a, b) => (a.minor ?? 0) - (b.minor ?? 0));
const chosen = new Set([versions[0], versions.at(-1), found.find(({ minor }) => minor === undefined)]);

for (const interpreter of chosen) {
  if (interpreter === undefined) continue;
  const { file, minor } = interpreter;
  const name = minor === undefined ? 'PyPy' : `CPython 3.${minor}`;
  test(`the worker's tests pass on ${name} (${file})`, { timeout: suitesTimeoutMs }, async () => {
    const environment: NodeJS.ProcessEnv = { ...process.env, PYTHON_UNDER_TEST: file };
    delete environment['NODE_TEST_CONTEXT'];
    const args = ['--test', '--test-reporter=tap', ...suites];
    const { stdout } = await run(process.execPath, args, { env: environment }).catch(
      (error: { stdout: string }) => error,
    );
    assert.match(stdout, /^# fail 0$/m, stdout);
    assert.match(stdout, /^# pass [1-9]\d+$/m);
  });
}
