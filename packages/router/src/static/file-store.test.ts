import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { FileStore, type Lookup, SMALL_FILE_BYTES, type StoredFile } from './file-store.ts';

let root = '';

before(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'emperor-store-')));
});

after(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, content: string): string {
  const file = path.join(root, name);
  writeFileSync(file, content);
  return file;
}

function fileOf(lookup: Lookup): StoredFile {
  assert.ok(typeof lookup === 'object' && 'realPath' in lookup, JSON.stringify(lookup));
  return lookup;
}

/** A store in whose eyes every file was changed long ago. */
function settledStore(): FileStore {
  return new FileStore(() => Date.now() + 10_000);
}

test('a file store knows a file’s content, size and date', () => {
  const file = write('a.txt', '0123456789');
  utimesSync(file, 1_795_368_401, 1_795_368_401.5);
  const found = fileOf(settledStore().lookup(file, [root]));
  assert.equal(found.body?.toString(), '0123456789');
  assert.equal(found.size, 10);
  assert.equal(found.lastModified, 'Sun, 22 Nov 2026 17:26:41 GMT');
  assert.equal(found.realPath, file);
});

test('a file store keeps a small file in memory', () => {
  const file = write('kept.txt', 'kept');
  const store = settledStore();
  assert.equal(fileOf(store.lookup(file, [root])), fileOf(store.lookup(file, [root])));
});

test('a file store does not keep a file that was changed a moment ago', () => {
  const file = write('fresh.txt', 'one');
  const store = new FileStore();
  fileOf(store.lookup(file, [root]));
  // the same size, and by the clock of many file systems the same time
  writeFileSync(file, 'two');
  assert.equal(fileOf(store.lookup(file, [root])).body?.toString(), 'two');
});

for (const [change, apply] of [
  ['written', (file: string) => writeFileSync(file, 'after!')],
  ['appended to', (file: string) => appendFileSync(file, 'after')],
  ['replaced', (file: string) => renameSync(write('new.txt', 'after!'), file)],
  [
    'replaced by one with the same date',
    (file: string) => {
      const other = write('new.txt', 'after!');
      utimesSync(file, 1_795_368_401, 1_795_368_401);
      utimesSync(other, 1_795_368_401, 1_795_368_401);
      renameSync(other, file);
    },
  ],
] as const) {
  test(`a file store never returns the old content of a file that was ${change}`, () => {
    const file = write('changing.txt', 'before');
    const store = settledStore();
    fileOf(store.lookup(file, [root]));
    apply(file);
    assert.match(fileOf(store.lookup(file, [root])).body?.toString() ?? '', /after/);
  });
}

test('a file store forgets a file that vanished, became a directory, or turned unreachable', () => {
  const file = write('gone.txt', 'x');
  const store = settledStore();
  fileOf(store.lookup(file, [root]));
  rmSync(file);
  assert.equal(store.lookup(file, [root]), undefined);
  assert.equal(store.lookup(`${file}/below`, [root]), undefined);
  mkdirSync(file);
  assert.equal(store.lookup(file, [root]), 'directory');
  assert.equal(store.lookup(`${root}/${'x'.repeat(5000)}`, [root]), undefined);
});

test('a file store reads no big file', () => {
  const file = write('big.bin', 'x'.repeat(SMALL_FILE_BYTES + 1));
  const found = fileOf(settledStore().lookup(file, [root]));
  assert.equal(found.body, undefined);
  assert.equal(found.size, SMALL_FILE_BYTES + 1);
});

test('a file store keeps a bounded number of bytes', () => {
  const store = settledStore();
  const content = 'x'.repeat(SMALL_FILE_BYTES);
  const files = Array.from({ length: 40 }, (_, i) => write(`many-${i}`, content));
  const first = files[0] ?? '';
  const before = fileOf(store.lookup(first, [root]));
  for (const file of files) store.lookup(file, [root]);
  assert.notEqual(fileOf(store.lookup(first, [root])), before);
  const last = files.at(-1) ?? '';
  assert.equal(fileOf(store.lookup(last, [root])), fileOf(store.lookup(last, [root])));
});
