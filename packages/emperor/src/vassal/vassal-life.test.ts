import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { Life, POLICY } from '../testing/life.ts';
import { adoptedVassal, newVassal, stoppedVassal } from './vassal-beginnings.ts';
import { deadlineOf } from './vassal-deadline.ts';
import type { VassalEvent, VassalWord } from './vassal-event.ts';
import { nextTryOf, pidOf, type AfterStop, type VassalPhaseName } from './vassal-phase.ts';

interface Move {
  readonly kind: string;
  readonly play: (life: Life) => unknown;
}

/** One for every word there is: the compiler asks for it. */
const WORDS: Readonly<Record<VassalWord, true>> = {
  spawned: true,
  accepting: true,
  loyal: true,
  'stop-me': true,
  'reload-refused': true,
  heartbeat: true,
  overloaded: true,
};

function always(kind: string, play: Move['play']): fc.Arbitrary<Move> {
  return fc.constant({ kind, play });
}

function happens(event: VassalEvent): fc.Arbitrary<Move> {
  return always(event.type, (life) => life.happen(event));
}

/** One for every event there is; nothing happens that the world around a vassal rules out. */
const MOVES: Readonly<Record<VassalEvent['type'], fc.Arbitrary<Move>>> = {
  connection: always('connection', (life) => life.listening && life.happen({ type: 'connection' })),
  'socket-changed': fc.boolean().map((onDemand) => ({
    kind: 'socket-changed',
    play: (life) => life.happen({ type: 'socket-changed', onDemand }),
  })),
  start: happens({ type: 'start' }),
  stop: happens({ type: 'stop' }),
  'file-changed': fc
    .constantFrom('edit', 'touch')
    .map((by) => ({ kind: 'file-changed', play: (life) => life.happen({ type: 'file-changed', by }) })),
  'file-removed': happens({ type: 'file-removed' }),
  'file-returned': happens({ type: 'file-returned' }),
  launched: always('launched', (life) => life.waiting && life.launch()),
  said: fc
    .constantFrom(...(Object.keys(WORDS) as VassalWord[]))
    .map((word) => ({ kind: word, play: (life) => life.say(word) })),
  exited: fc.constantFrom(0, 1, 30).map((code) => ({
    kind: 'exited',
    play: (life) => {
      if (pidOf(life.state.phase) !== undefined) return life.exit(code);
      return life.waiting && life.failToLaunch();
    },
  })),
  deadline: happens({ type: 'deadline' }),
  reload: happens({ type: 'reload' }),
  restart: happens({ type: 'restart' }),
  forgive: happens({ type: 'forgive' }),
  'emperor-stops': happens({ type: 'emperor-stops' }),
};

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  ...Object.values(MOVES),
  fc.integer({ min: 0, max: 40_000 }).map((ms): Move => ({ kind: 'time', play: (life) => life.after(ms) })),
);

const anyLife: fc.Arbitrary<Life> = fc
  .record({
    onDemand: fc.boolean(),
    gracefulShutdown: fc.boolean(),
    kind: fc.constantFrom('new', 'stopped', 'adopted'),
  })
  .map(({ onDemand, gracefulShutdown, kind }) => {
    const begun = {
      new: () => newVassal(0, onDemand),
      stopped: () => stoppedVassal(0, onDemand),
      adopted: () => ({ state: adoptedVassal(0, { pid: 99, launches: 1, onDemand }), actions: [] }),
    }[kind]();
    return new Life(onDemand, begun, { ...POLICY, gracefulShutdown });
  });

/** What gives one that failed another try at once. */
const FORGIVES = new Set(['file-changed', 'reload', 'forgive', 'start', 'restart', 'socket-changed']);

/** What may happen to one that an operator has stopped. */
const WAKES = new Set(['start', 'restart', 'file-removed', 'emperor-stops']);

/** Where one that stops gets to. */
const AFTER: Readonly<Record<AfterStop, readonly VassalPhaseName[]>> = {
  removal: ['removed'],
  rest: ['stopped'],
  restart: ['queued', 'waiting'],
  'throttled-restart': ['waiting', 'cursed', 'exiled'],
};

/** Plays one move, and looks whether it was right. That there are never two processes is `Life`'s own rule. */
function follow(life: Life, { kind, play }: Move): void {
  const before = life.state.phase;
  play(life);
  const { phase } = life.state;
  const nextTry = nextTryOf(before);
  if (nextTry !== undefined && phase.name === 'queued' && !FORGIVES.has(kind)) assert.ok(life.now >= nextTry);
  if (before.name === 'stopped' && !WAKES.has(kind)) assert.equal(phase.name, 'stopped');
  if (
    before.name === 'stopping' &&
    before.after === 'removal' &&
    kind !== 'file-returned' &&
    phase.name === 'stopping'
  ) {
    assert.equal(phase.after, 'removal');
  }
  if (before.name === 'stopping' && kind === 'exited') assert.ok(AFTER[before.after].includes(phase.name));
  // What is dead, or has to be, is not forgotten.
  if (nextTryOf(phase) !== undefined) assert.equal(deadlineOf(life.state, POLICY), nextTryOf(phase));
  if (phase.name === 'stopping' && phase.killAt !== undefined) assert.ok(deadlineOf(life.state, POLICY) !== undefined);
  assert.equal(life.waiting, phase.name === 'queued');
  assert.equal(life.listening, phase.name === 'waiting');
}

test('whatever happens to a vassal: never two processes, never a start before its time, and it always ends removed', () => {
  fc.assert(
    fc.property(anyLife, fc.array(anyMove, { maxLength: 60 }), (life, moves) => {
      for (const each of moves) {
        if (life.phase === 'removed') break;
        follow(life, each);
      }
      life.happen({ type: 'emperor-stops' });
      if (life.phase === 'stopping') {
        life.after(POLICY.stopMercyMs).happen({ type: 'deadline' });
        life.happen({ type: 'exited', exit: { kind: 'signal', signal: 'SIGKILL' } });
      }
      assert.deepEqual([life.phase, life.waiting, life.listening], ['removed', false, false]);
    }),
    { numRuns: 2000 },
  );
});
