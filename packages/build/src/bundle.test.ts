import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Script } from 'node:vm';

import { bundle } from './bundle.ts';
import { recordCodeCache } from './code-cache.ts';
import { draftDirectory, installBundle } from './install-bundle.ts';

/** A command whose part, loaded lazily, has a lazy part itself; all of them share a module with a state. */
const TREE: Readonly<Record<string, string>> = {
  'apps/tea/dist/main.js': `import { createRequire } from 'node:module';
import { pots } from './pots.js';
const require = createRequire(import.meta.url);
pots.push('main');
require('./part.js').brew();
console.log(pots.join(' '), new URL('../leaves', import.meta.url).pathname);`,
  'apps/tea/dist/pots.js': 'export const pots = [];',
  'apps/tea/dist/part.js': `import { createRequire } from 'node:module';
import { pots } from './pots.js';
const require = createRequire(import.meta.url);
export function brew() { pots.push('part'); require('./part-of-part.js').pour(); }`,
  'apps/tea/dist/part-of-part.js': `import { pots } from './pots.js';
export function pour() { pots.push('deeper'); }`,
};

/** @returns its root; it goes with the test */
function layOut(t: TestContext): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-')));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ ...TREE, 'package.json': '{"type":"module"}' })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function make(root: string): Promise<string> {
  const place = join(root, 'apps/tea/dist/bundle');
  const entry = join(root, 'apps/tea/dist/main.js');
  installBundle(place, await bundle({ root, entry, directory: draftDirectory(place) }));
  return place;
}

test('a bundle runs as its modules did: parts share their state, files are found where they were', async (t) => {
  const root = layOut(t);
  const place = await make(root);
  rmSync(join(root, 'apps/tea/dist/pots.js'));
  const said = execFileSync(process.execPath, [join(place, 'main.cjs')], { encoding: 'utf8' });
  assert.equal(said, `main part deeper ${root}/apps/tea/leaves\n`);
});

test('a bundle starts with its code cache, with one that does not fit and with none', async (t) => {
  const root = layOut(t);
  const setsFlags = `process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');`;
  writeFileSync(join(root, 'apps/tea/dist/pots.js'), `export const pots = [];\n${setsFlags}`);
  const place = await make(root);
  const launcher = join(root, 'tea');
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${place}/main.cjs"\n`, { mode: 0o755 });
  const [id = ''] = globSync('*/', { cwd: place });
  const cache = join(place, id, 'main.cache');
  assert.equal(existsSync(cache), false);
  await recordCodeCache(cache, { launcher, arguments: [], files: {}, started: 'never said' });
  const recorded = readFileSync(cache);
  const source = readFileSync(join(place, id, 'main.js'), 'latin1');
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  assert.equal(new Script(wrapped, { cachedData: recorded }).cachedDataRejected, false);

  const run = (): string => execFileSync(launcher, { encoding: 'utf8' });
  const said = run();
  assert.match(said, /^main part deeper /);
  const ofOtherFlags = Buffer.from(recorded);
  for (let offset = 4; offset < 16; offset++) ofOtherFlags[offset] = 0;
  for (const unfit of [Buffer.from('tea'), recorded.subarray(0, recorded.length / 2), ofOtherFlags]) {
    writeFileSync(cache, unfit);
    assert.equal(run(), said);
  }
  rmSync(cache);
  assert.equal(run(), said);
});

test('a bundle shows the lines of its modules to those who ask for source maps', async (t) => {
  const root = layOut(t);
  writeFileSync(join(root, 'apps/tea/dist/pots.js'), `export const pots = [];\n\nthrow new Error('no pots');`);
  const place = await make(root);
  const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', join(place, 'main.cjs')], {
    encoding: 'utf8',
  });
  assert.match(stderr, /no pots/);
  assert.match(stderr, /apps\/tea\/dist\/pots\.js:3:/);
});

test('a bundle of a former build stays for those who run from it, but not for ever', async (t) => {
  const root = layOut(t);
  const place = await make(root);
  const first = globSync('*/', { cwd: place });
  assert.equal(first.length, 1);
  await make(root);
  assert.deepEqual(globSync('*/', { cwd: place }), first, 'the same build again is the same bundle');
  for (let build = 1; build <= 3; build++) {
    assert.equal(existsSync(join(place, String(first[0]))), true);
    writeFileSync(join(root, 'apps/tea/dist/pots.js'), `export const pots = [${build}];`);
    await make(root);
  }
  assert.equal(globSync('*/', { cwd: place }).length, 3);
  const said = execFileSync(process.execPath, [join(place, 'main.cjs')], { encoding: 'utf8' });
  assert.match(said, /^3 main part deeper /);
});
