import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VassalPhase } from '../vassal/vassal-phase.ts';
import type { VassalState } from '../vassal/vassal-steps.ts';
import { reasonOf } from './reason.ts';

function state(phase: VassalPhase, failures: number): VassalState {
  return {
    phase,
    onDemand: false,
    failures,
    launches: 1,
    lastExit: { kind: 'signal', signal: 'SIGSEGV' },
    heardAt: undefined,
    helpAskedAt: undefined,
  };
}

test('reasonOf says how a dead vassal ended and how often in a row', () => {
  assert.equal(reasonOf(state({ name: 'cursed', since: 0, until: 1 }, 1)), 'killed by SIGSEGV, a first failure');
  assert.equal(reasonOf(state({ name: 'cursed', since: 0, until: 1 }, 6)), 'killed by SIGSEGV, failure 6 in a row');
});

test('reasonOf says of one that starts again why', () => {
  const starting = { name: 'starting', since: 0, pid: 1 } as const;
  assert.equal(reasonOf(state(starting, 2)), 'tried again: killed by SIGSEGV, failure 2 in a row');
  assert.equal(reasonOf(state(starting, 0)), undefined);
});

test('reasonOf has nothing to explain about one that is up', () => {
  assert.equal(reasonOf(state({ name: 'loyal', since: 0, pid: 1, upSince: 0 }, 0)), undefined);
});
