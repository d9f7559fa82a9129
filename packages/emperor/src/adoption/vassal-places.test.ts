import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { startTimeOf } from './process-identity.ts';
import { VassalPlaces } from './vassal-places.ts';
import type { VassalRecord } from './vassal-record.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'emperor-places-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function record(id: string, pid: number, startTime: string): VassalRecord {
  const fingerprint = { mtimeMs: 1, inode: 2, size: 3 };
  const file = { name: id, argument: id, path: `/${id}`, workingDirectory: '/', monitor: '/', fingerprint };
  return {
    id,
    pid,
    startTime,
    outlives: true,
    launchedAt: 0,
    launches: 1,
    arguments: [],
    file: { ...file, owner: undefined },
  };
}

test('VassalPlaces gives each process a private place, and takes it back', () => {
  const places = new VassalPlaces(root);
  places.make('a');
  assert.equal(statSync(dirname(places.socketOf('a'))).mode & 0o777, 0o700);
  places.remember(record('a', 1, '1'));
  places.remove('a');
  assert.deepEqual([readdirSync(join(root, 'vassals')), readdirSync(join(root, 'records'))], [[], []]);
});

test('VassalPlaces ends what a former emperor left behind that cannot go on without one', async () => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  const places = new VassalPlaces(root);
  places.make('foreign');
  places.remember({ ...record('foreign', pid, startTimeOf(pid) ?? ''), outlives: false });
  assert.deepEqual(new VassalPlaces(root).survivors(), []);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('VassalPlaces finds the survivors of a former emperor, and removes what the dead have left', () => {
  const places = new VassalPlaces(root);
  for (const id of ['living', 'dead', 'successor', 'foreign']) places.make(id);
  const living = record('living', process.pid, startTimeOf(process.pid) ?? '');
  places.remember(living);
  places.remember(record('dead', spawnSync('true').pid, '1'));
  places.remember(record('successor', process.pid, '1'));
  writeFileSync(join(root, 'records/garbage.json'), '{');
  assert.deepEqual(new VassalPlaces(root).survivors(), [living]);
  assert.deepEqual(readdirSync(join(root, 'vassals')), ['living']);
  assert.deepEqual(readdirSync(join(root, 'records')), ['living.json']);
  assert.ok(existsSync(dirname(places.socketOf('living'))));
});
