import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { behindShim, type PyenvProgram } from './pyenv.ts';

/** A pyenv with versions 3.11.7 and 3.12.1, of which the global choice is the first one, and a project. */
class Home {
  readonly root: string;
  readonly project: string;
  readonly #home = realpathSync(mkdtempSync(join(tmpdir(), 'pyenv-')));

  constructor() {
    this.root = join(this.#home, '.pyenv');
    this.project = join(this.#home, 'www', 'shop');
    mkdirSync(this.project, { recursive: true });
    for (const program of [
      'libexec/pyenv',
      'shims/python3',
      'versions/3.11.7/bin/python3',
      'versions/3.12.1/bin/python3',
    ])
      this.program(join(this.root, program));
    writeFileSync(join(this.root, 'version'), '3.11.7\n');
  }

  program(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
  }

  find(variables: Record<string, string> = {}): PyenvProgram | undefined {
    const environment = { PATH: `/nonexistent:${this.root}/shims:/usr/bin`, ...variables };
    return behindShim('python3', environment, this.project);
  }

  [Symbol.dispose](): void {
    rmSync(this.#home, { recursive: true });
  }
}

test('behindShim finds the interpreter of the global choice, and what the shim would tell it', () => {
  using home = new Home();
  const bin = `${home.root}/versions/3.11.7/bin`;
  assert.deepEqual(home.find(), {
    file: `${bin}/python3`,
    environment: {
      PATH: `${bin}:/nonexistent:${home.root}/shims:/usr/bin`,
      PYENV_VERSION: '3.11.7',
      PYENV_ROOT: home.root,
    },
  });
});

test('behindShim prefers a .python-version above the working directory, and PYENV_VERSION to both', () => {
  using home = new Home();
  writeFileSync(
    join(dirname(home.project), '.python-version'),
    '# the shop is not ready for more\r\n3.12.1 and more\r\n',
  );
  assert.equal(home.find()?.file, `${home.root}/versions/3.12.1/bin/python3`);
  assert.equal(home.find({ PYENV_VERSION: '3.11.7' })?.file, `${home.root}/versions/3.11.7/bin/python3`);
});

test('behindShim leaves to the shim what is no installed version', () => {
  using home = new Home();
  for (const version of ['3.11', 'system', '3.11.7:3.12.1', '../versions/3.11.7', '..', '.'])
    assert.equal(home.find({ PYENV_VERSION: version }), undefined, version);
  for (const text of ['', '3.11.7\n3.12.1\n', 'system\n']) {
    writeFileSync(join(home.project, '.python-version'), text);
    assert.equal(home.find(), undefined, text);
  }
});

test('behindShim leaves to the shim what somebody wants of pyenv beyond a version', () => {
  using home = new Home();
  assert.equal(home.find({ PYENV_HOOK_PATH: '/etc/hooks' }), undefined);
  assert.equal(home.find({ PYENV_DIR: '/' }), undefined);
});

test('behindShim knows nothing of programs that are no shims', () => {
  using home = new Home();
  const early = join(home.project, 'bin');
  home.program(join(early, 'python3'));
  assert.equal(home.find({ PATH: `${early}:${home.root}/shims` }), undefined);
  const shims = join(home.project, 'shims');
  home.program(join(shims, 'python3'));
  assert.equal(home.find({ PATH: shims }), undefined, 'a directory that is called so is not pyenv’s');
  assert.equal(home.find({ PATH: '' }), undefined);
});
