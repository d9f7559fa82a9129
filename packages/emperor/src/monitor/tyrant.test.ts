import assert from 'node:assert/strict';
import { chownSync, lchownSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { readPattern } from './pattern.ts';
import { diffScans } from './scan-diff.ts';
import { Scanner, type Scan } from './scan.ts';
import { refusalOf, type TyrantMode } from './tyrant.ts';

const ALICE = { uid: 33_001, gid: 33_001 };
const BOB = { uid: 33_002, gid: 33_002 };
const ROOT = { uid: 0, gid: 0 };

const notRoot = process.getuid?.() === 0 ? false : 'only root can give files away';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-tyrant-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, { uid, gid }: typeof ROOT): void {
  writeFileSync(join(root, name), '[uwsgi]\n');
  chownSync(join(root, name), uid, gid);
}

function link(name: string, target: string, { uid, gid }: typeof ROOT): void {
  symlinkSync(target, join(root, name));
  lchownSync(join(root, name), uid, gid);
}

async function look(tyrant: TyrantMode, previous?: Scan): Promise<Scan> {
  const scanner = new Scanner(await readPattern('*.ini', root, []), {
    followSymlinks: true,
    tyrant,
    extraExtensions: [],
  });
  return scanner.scan(previous?.files ?? new Map());
}

test('refusalOf lets nobody run as root, and nobody point at the file of another', () => {
  assert.equal(refusalOf(ALICE, ALICE), undefined);
  assert.equal(refusalOf(ALICE, ROOT), undefined);
  assert.match(refusalOf(ROOT, ROOT) ?? '', /belongs to root/);
  assert.match(refusalOf({ uid: ALICE.uid, gid: 0 }, ALICE) ?? '', /belongs to root/);
  assert.match(refusalOf({ uid: 0, gid: ALICE.gid }, ALICE) ?? '', /belongs to root/);
  assert.match(refusalOf(ALICE, BOB) ?? '', /link of somebody else/);
});

test('a scan in tyrant mode says as whom each vassal is to run, and which must not', { skip: notRoot }, async () => {
  put('alice.ini', ALICE);
  put('root.ini', ROOT);
  put('target', ALICE);
  link('by-root.ini', 'target', ROOT);
  link('by-bob.ini', 'target', BOB);
  const { files, refusals } = await look('follow');
  assert.deepEqual(
    [...files.values()].map(({ name, owner }) => [name, owner]),
    [
      ['alice.ini', ALICE],
      ['by-root.ini', ALICE],
    ],
  );
  assert.deepEqual([...refusals.keys()], ['by-bob.ini', 'root.ini']);
});

test('a scan that does not follow links takes the owner of the link', { skip: notRoot }, async () => {
  put('target', ALICE);
  link('by-bob.ini', 'target', BOB);
  assert.deepEqual((await look('nofollow')).files.get('by-bob.ini')?.owner, BOB);
});

test('a file that changes hands is a changed one, in tyrant mode only', { skip: notRoot }, async () => {
  for (const [tyrant, changes] of [
    ['follow', 1],
    ['off', 0],
  ] as const) {
    put('a.ini', ALICE);
    const before = await look(tyrant);
    chownSync(join(root, 'a.ini'), BOB.uid, BOB.gid);
    assert.equal(diffScans(before.files, (await look(tyrant, before)).files).changed.length, changes);
  }
});

test('a file that is given to root is gone', { skip: notRoot }, async () => {
  put('a.ini', ALICE);
  const before = await look('follow');
  chownSync(join(root, 'a.ini'), 0, 0);
  assert.equal(diffScans(before.files, (await look('follow', before)).files).removed.length, 1);
});
