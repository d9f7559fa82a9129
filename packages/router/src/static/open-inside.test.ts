import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { openInside } from './open-inside.ts';

let base = '';
let root = '';

before(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'emperor-inside-')));
  root = path.join(base, 'st');
  for (const directory of ['st/sub', 'st-evil', 'other']) mkdirSync(path.join(base, directory), { recursive: true });
  for (const file of ['st/a.css', 'st/sub/b.css', 'st-evil/secret', 'other/c.css'])
    writeFileSync(path.join(base, file), file);
  symlinkSync('../other/c.css', path.join(root, 'out.css'));
  symlinkSync('../other', path.join(root, 'outdir'));
  symlinkSync('sub/b.css', path.join(root, 'in.css'));
  symlinkSync('loop', path.join(root, 'loop'));
  symlinkSync('st', path.join(base, 'current'));
  execFileSync('mkfifo', [path.join(root, 'fifo')]);
});

after(() => {
  rmSync(base, { recursive: true });
});

/** What comes of opening a path below the root. */
function outcome(file: string, roots: readonly string[] = [root]): string {
  const opened = openInside(path.isAbsolute(file) ? file : `${root}/${file}`, roots);
  if (opened === undefined) return 'nothing';
  if ('outside' in opened) return `outside ${path.relative(base, opened.outside)}`;
  closeSync(opened.descriptor);
  return path.relative(base, opened.realPath);
}

for (const [file, expected] of [
  ['a.css', 'st/a.css'],
  ['sub/../a.css', 'st/a.css'],
  ['in.css', 'st/sub/b.css'],
  ['out.css', 'outside other/c.css'],
  ['outdir/c.css', 'outside other/c.css'],
  ['../st-evil/secret', 'outside st-evil/secret'],
  ['../../../../../../etc/passwd', 'outside'],
  ['fifo', 'nothing'],
  ['sub', 'nothing'],
  ['loop', 'nothing'],
  ['missing', 'nothing'],
] as const) {
  test(`openInside makes of ${file}: ${expected}`, () => {
    assert.ok(outcome(file).startsWith(expected), outcome(file));
  });
}

test('openInside accepts any of several roots', () => {
  assert.equal(outcome('out.css', [root, path.join(base, 'other')]), 'other/c.css');
});

test('openInside resolves a root that is a link', () => {
  assert.equal(outcome(path.join(base, 'current/a.css'), [path.join(base, 'current')]), 'st/a.css');
});

test('openInside opens nothing below a root that is missing', () => {
  assert.equal(outcome('a.css', [path.join(base, 'gone')]), 'outside st/a.css');
});

/** Makes one name lead inside, outside, to a FIFO and to a directory, as fast as it can. */
const SWAPPER = `
  const { renameSync, symlinkSync } = require('node:fs');
  const [root] = process.argv.slice(1);
  const targets = ['a.css', '../other/c.css', 'fifo', 'sub'];
  process.stdout.write('ready');
  for (let i = 0; ; i++) {
    symlinkSync(targets[i % targets.length], root + '/next');
    renameSync(root + '/next', root + '/swapped');
  }
`;

test('openInside opens nothing outside while the name is swapped under it', async () => {
  const swapper = spawn(process.execPath, ['-e', SWAPPER, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(swapper.stdout, 'data');
  const seen = new Set<string>();
  const deadline = performance.now() + 5000;
  for (let i = 0; i < 3000 || (seen.size < 3 && performance.now() < deadline); i++) seen.add(outcome('swapped'));
  swapper.kill('SIGKILL');
  await once(swapper, 'exit');
  seen.delete('nothing');
  assert.deepEqual([...seen].toSorted(), ['outside other/c.css', 'st/a.css']);
});

test('openInside leaves no descriptor open behind what it refuses', () => {
  for (const file of ['out.css', 'fifo', 'sub', 'missing']) outcome(file);
  assert.equal(openDescriptors(), 0);
});

/** How many of our descriptors lead into the directory of this test, or are of the FIFO in it. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(base);
    } catch {
      return false;
    }
  }).length;
}
