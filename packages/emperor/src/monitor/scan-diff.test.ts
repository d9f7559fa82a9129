import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { diffScans } from './scan-diff.ts';
import type { VassalFile } from './vassal-file.ts';

function file(name: string, mtimeMs = 1, inode = 1, size = 1): VassalFile {
  return {
    name,
    argument: name,
    path: `/vassals/${name}`,
    workingDirectory: '/vassals',
    monitor: '*.ini',
    owner: undefined,
    fingerprint: { mtimeMs, inode, size },
  };
}

function scan(...files: VassalFile[]): Map<string, VassalFile> {
  return new Map(files.map((each) => [each.name, each]));
}

test('diffScans reports additions, changes and removals', () => {
  const diff = diffScans(
    scan(file('kept.ini'), file('edited.ini'), file('gone.ini')),
    scan(file('kept.ini'), file('edited.ini', 2), file('new.ini')),
  );
  assert.deepEqual(diff.added, [file('new.ini')]);
  assert.deepEqual(diff.changed, [file('edited.ini', 2)]);
  assert.deepEqual(diff.removed, [file('gone.ini')]);
});

test('diffScans takes an older time stamp for a change', () => {
  assert.equal(diffScans(scan(file('a.ini', 5)), scan(file('a.ini', 4))).changed.length, 1);
});

test('diffScans takes another inode with the same time stamp for a change', () => {
  assert.equal(diffScans(scan(file('a.ini', 5, 1)), scan(file('a.ini', 5, 2))).changed.length, 1);
});

test('diffScans takes another size with the same time stamp for a change', () => {
  assert.equal(diffScans(scan(file('a.ini', 5, 1, 10)), scan(file('a.ini', 5, 1, 11))).changed.length, 1);
});

const anyScan = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a.ini', 'b.ini', 'c.ini', 'd.ini', 'e.ini'), fc.nat(2)), {
    selector: ([name]) => name,
  })
  .map((files) => scan(...files.map(([name, mtimeMs]) => file(name, mtimeMs))));

test('diffScans applied to the previous scan gives the current one', () => {
  fc.assert(
    fc.property(anyScan, anyScan, (previous, current) => {
      const { added, changed, removed } = diffScans(previous, current);
      const result = new Map(previous);
      for (const each of removed) assert.ok(result.delete(each.name));
      for (const each of changed) {
        assert.ok(result.has(each.name));
        result.set(each.name, each);
      }
      for (const each of added) {
        assert.ok(!result.has(each.name));
        result.set(each.name, each);
      }
      assert.deepEqual(result, current);
    }),
  );
});

test('diffScans finds nothing between a scan and itself', () => {
  fc.assert(
    fc.property(anyScan, (same) => {
      assert.deepEqual(diffScans(same, new Map(same)), { added: [], changed: [], removed: [] });
    }),
  );
});
