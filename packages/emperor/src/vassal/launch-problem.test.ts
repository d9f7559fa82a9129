import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launchProblem } from './launch-problem.ts';
import { UNCONFINED } from './confinement.ts';
import type { VassalLaunch } from './vassal-launch.ts';

const LAUNCH: VassalLaunch = {
  file: '/opt/uwsgi',
  arguments: [],
  environment: {},
  workingDirectory: '/',
  output: 'capture',
  socket: undefined,
  user: undefined,
  outlives: false,
  isForeign: true,
  name: 'a.ini',
  confinement: UNCONFINED,
  startHook: undefined,
  group: undefined,
};

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`spawn /opt/uwsgi ${code}`), { code });
}

test('launchProblem tells a missing program from a missing directory', () => {
  assert.equal(launchProblem(LAUNCH, failure('ENOENT')), 'could not run "/opt/uwsgi": there is no such program');
  const gone = { ...LAUNCH, workingDirectory: '/no/such/place' };
  assert.match(launchProblem(gone, failure('ENOENT')), /in "\/no\/such\/place": there is no such directory$/);
});

test('launchProblem says which limit is reached', () => {
  assert.match(launchProblem(LAUNCH, failure('EAGAIN')), /ulimit -u/);
  assert.match(launchProblem(LAUNCH, failure('EMFILE')), /ulimit -n/);
});

test('launchProblem passes on what it does not know', () => {
  assert.match(launchProblem(LAUNCH, failure('E2BIG')), /"\/opt\/uwsgi": spawn \/opt\/uwsgi E2BIG$/);
});
