import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { ControlGroup } from '../limits/control-group.ts';
import { launchScript } from './launch-script.ts';
import { UNCONFINED } from './confinement.ts';
import type { VassalLaunch } from './vassal-launch.ts';

const PLAIN: VassalLaunch = {
  name: "it's a.ini",
  file: '/bin/echo',
  arguments: ['--ini', 'a b'],
  environment: {},
  workingDirectory: '/',
  output: 'capture',
  socket: undefined,
  user: undefined,
  outlives: false,
  isForeign: false,
  confinement: UNCONFINED,
  startHook: undefined,
  group: undefined,
};

test('launchScript leaves a plain launch as it is', () => {
  assert.deepEqual(launchScript(PLAIN), { file: '/bin/echo', arguments: ['--ini', 'a b'], hasGate: false });
});

test('launchScript runs the start hook with the name of the vassal first, and the vassal whatever comes of it', () => {
  const { file, arguments: words } = launchScript({ ...PLAIN, startHook: ['/bin/sh', '-c', 'echo "$0"; exit 3'] });
  const { stdout, stderr } = spawnSync(file, words, { encoding: 'utf8' });
  assert.equal(stdout, "it's a.ini\n--ini a b\n");
  assert.match(
    stderr,
    /^\[emperor\] running vassal start-hook: .* it's a\.ini\n\[emperor\] it's a\.ini start-hook returned 3\n$/,
  );
});

test('launchScript starts nothing limited when the gate is never opened', () => {
  const group = new ControlGroup(1, new Map());
  const { file, arguments: words, hasGate } = launchScript({ ...PLAIN, group });
  assert.ok(hasGate);
  const shut = spawnSync(file, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'ignore'] });
  assert.deepEqual([shut.stdout, shut.status], ['', 1]);
});
