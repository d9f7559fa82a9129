import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';

import { confine, readCapabilities, readNamespaces, UNCONFINED } from './confinement.ts';

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'only root can confine' };

/** What a confined shell prints. */
function run(words: readonly string[], script: string): string {
  const [file, ...rest] = [...words, '/bin/sh', '-c', script];
  const { stdout, stderr } = spawnSync(file, rest, { encoding: 'utf8' });
  return stdout + stderr;
}

test('readNamespaces knows the flags of uWSGI, and names what it does not', () => {
  assert.deepEqual(readNamespaces('fs,net'), ['--mount', '--net']);
  assert.deepEqual(readNamespaces(undefined), []);
  assert.throws(
    () => readNamespaces('fs,moon'),
    /emperor-use-clone = fs,moon: there is no namespace "moon", only fs, /,
  );
});

test('readCapabilities takes names with or without their prefix', () => {
  assert.deepEqual(readCapabilities(['net_bind_service,CAP_SETUID', 'chown']), ['net_bind_service', 'setuid', 'chown']);
  assert.equal(readCapabilities([]), undefined);
  assert.throws(() => readCapabilities(['--bounding']), /"--bounding" is no name of a capability/);
});

test('confine gives a vassal namespaces of its own', needsRoot, () => {
  const words = confine({ ...UNCONFINED, namespaces: readNamespaces('net,uts') }, undefined);
  const [net, uts, ipc] = run(words, 'readlink /proc/self/ns/net /proc/self/ns/uts /proc/self/ns/ipc').split('\n');
  assert.notEqual(net, readlinkSync('/proc/self/ns/net'));
  assert.notEqual(uts, readlinkSync('/proc/self/ns/uts'));
  assert.equal(ipc, readlinkSync('/proc/self/ns/ipc'));
});

test('confine leaves a user with the capabilities it is given, and root with no more than them', needsRoot, () => {
  const confinement = { ...UNCONFINED, capabilities: readCapabilities(['net_bind_service']) };
  const script = 'id -u; grep -E "CapEff|CapBnd" /proc/self/status';
  assert.equal(
    run(confine(confinement, { uid: 65_534, gid: 65_534 }), script),
    '65534\nCapEff:\t0000000000000400\nCapBnd:\t0000000000000400\n',
  );
  assert.match(run(confine(confinement, undefined), script), /^0\nCapEff:\t0000000000000400\n/);
});
