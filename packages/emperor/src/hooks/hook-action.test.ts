import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { performHook, readHookAction, type HookEnd } from './hook-action.ts';

const NOTHING = { run: () => Promise.resolve(0), print: () => undefined };

test('performHook runs a command and tells its exit status, which counts for nothing with safeexec', async () => {
  const commands: string[] = [];
  const run = (command: string): Promise<number> => Promise.resolve(commands.push(command) + 2);
  const perform = (text: string): Promise<HookEnd> => performHook(readHookAction(text), { ...NOTHING, run });
  assert.deepEqual([await perform('exec:a: b'), await perform('safeexec:c')], [{ code: 3 }, { code: 0 }]);
  assert.deepEqual(commands, ['a: b', 'c']);
});

test('performHook prints', async () => {
  const lines: string[] = [];
  for (const text of ['print:one', 'log:two']) {
    await performHook(readHookAction(text), { ...NOTHING, print: (line) => lines.push(line) });
  }
  assert.deepEqual(lines, ['one', 'two']);
});

test('performHook does something to files, and says what it could not do', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'emperor-hook-'));
  try {
    const file = join(directory, 'told');
    assert.deepEqual(await performHook(readHookAction(`writen:${file} two words`), NOTHING), { code: 0 });
    assert.equal(readFileSync(file, 'utf8'), 'two words\n');
    const { code, problem = '' } = await performHook(readHookAction(`mkdir:${file}/below`), NOTHING);
    assert.equal(code, 1);
    assert.match(problem, /ENOTDIR.*told\/below/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('readHookAction refuses by its name a hook that an emperor does not have, and names those it has', () => {
  for (const text of ['mount:tmpfs /x', 'exec', 'toString:', '']) {
    assert.throws(() => readHookAction(text), /the hook ".*" is not known here: .* exec, .* mkdir, /, text);
  }
});
