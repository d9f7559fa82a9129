import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { nextTryOf, pidOf } from './vassal-phase.ts';
import type { VassalAction, VassalEvent, VassalWord } from './vassal-event.ts';
import { deadlineOf, newVassal, step } from './vassal-state.ts';
import type { StepContext, VassalState } from './vassal-steps.ts';

const POLICY = {
  throttle: { baseDelayMs: 200, maximumDelayMs: 60_000 },
  stopMercyMs: 30_000,
  reloadPatienceMs: 60_000,
  heartbeatToleranceMs: 5000,
  gracefulShutdown: false,
};

/** A vassal and the world around it: what has been asked for, and what time it is. */
class Life {
  state: VassalState;
  now = 0;
  /** For its turn. */
  waiting: boolean;
  /** For a connection. */
  listening: boolean;
  lastActions: readonly VassalAction[] = [];
  #nextPid = 100;

  constructor(onDemand = false) {
    const { state, actions } = newVassal(0, onDemand);
    this.state = state;
    this.waiting = actions.includes('enqueue');
    this.listening = actions.includes('await-connection');
  }

  get phase(): string {
    return this.state.phase.name;
  }

  happen(event: VassalEvent): this {
    // A connection is told once.
    if (event.type === 'connection') this.listening = false;
    const context: StepContext = { now: this.now, random: 0.5, policy: POLICY };
    const { state, actions } = step(this.state, event, context);
    this.state = state;
    this.lastActions = actions;
    for (const action of actions) this.#obey(action);
    return this;
  }

  #obey(action: VassalAction): void {
    if (action === 'enqueue') {
      assert.ok(!this.waiting && pidOf(this.state.phase) === undefined, 'never two processes of a vassal');
      this.waiting = true;
    } else if (action === 'dequeue') {
      assert.ok(this.waiting);
      this.waiting = false;
    } else if (action === 'await-connection') {
      assert.ok(!this.listening && pidOf(this.state.phase) === undefined);
      this.listening = true;
    } else if (action === 'ignore-connections') {
      assert.ok(this.listening);
      this.listening = false;
    } else {
      assert.notEqual(pidOf(this.state.phase), undefined, `${action} needs a process`);
    }
  }

  launch(): this {
    assert.ok(this.waiting);
    this.waiting = false;
    this.#nextPid += 1;
    return this.happen({ type: 'launched', pid: this.#nextPid });
  }

  say(...words: VassalWord[]): this {
    for (const word of words) this.happen({ type: 'said', word });
    return this;
  }

  exit(code = 1): this {
    return this.happen({ type: 'exited', exit: { kind: 'code', code } });
  }

  after(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }
}

function wait({ state: { phase } }: Life): number | undefined {
  const nextTry = nextTryOf(phase);
  return nextTry === undefined ? undefined : nextTry - phase.since;
}

test('a vassal gets from its file to loyalty', () => {
  const life = new Life();
  const phases = [life.phase];
  life.launch();
  phases.push(life.phase);
  for (const word of ['spawned', 'accepting', 'loyal'] as const) phases.push(life.say(word).phase);
  assert.deepEqual(phases, ['queued', 'starting', 'spawned', 'ready', 'loyal']);
});

test('a vassal that keeps dying waits longer each time', () => {
  const life = new Life();
  const waits = [1, 2, 3, 4].map(() => {
    const milliseconds = wait(life.launch().say('spawned').exit()) ?? 0;
    life.after(milliseconds).happen({ type: 'deadline' });
    return milliseconds;
  });
  assert.deepEqual(waits, [200, 400, 800, 1600]);
});

test('a vassal that ends with 1 before it is up is invalid, and tried again like a cursed one', () => {
  const life = new Life().launch().exit(1);
  assert.deepEqual([life.phase, wait(life), life.state.failures], ['invalid', 200, 1]);
  assert.equal(life.after(200).happen({ type: 'deadline' }).phase, 'queued');
  assert.equal(life.launch().exit(1).happen({ type: 'file-changed' }).phase, 'queued');
});

test('a vassal that ends otherwise, or once it is up, is cursed', () => {
  assert.equal(new Life().launch().exit(22).phase, 'cursed');
  assert.equal(new Life().launch().say('spawned').exit(1).phase, 'cursed');
});

test('a cursed vassal is not started before its time', () => {
  const life = new Life().launch().exit(2).after(199).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.waiting], ['cursed', false]);
  life.after(1).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.waiting], ['queued', true]);
});

test('a vassal that was ready for ten seconds is forgiven', () => {
  const life = new Life().launch().exit().after(200).happen({ type: 'deadline' });
  life.launch().say('spawned', 'accepting').after(10_000).exit();
  assert.equal(wait(life), 200);
});

test('a vassal that has served a request is forgiven', () => {
  const life = new Life().launch().exit().after(200).happen({ type: 'deadline' });
  life.launch().say('spawned', 'accepting', 'loyal').exit();
  assert.equal(wait(life), 200);
});

test('an edit starts a cursed vassal at once and forgives it', () => {
  const life = new Life().launch().exit().happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.state.failures], ['queued', 0]);
});

test('a cursed vassal that is forgiven starts at once, any other goes on', () => {
  const life = new Life().launch().exit().happen({ type: 'forgive' });
  assert.deepEqual([life.phase, life.state.failures], ['queued', 0]);
  life.launch().say('accepting').happen({ type: 'forgive' });
  assert.deepEqual([life.phase, life.lastActions], ['ready', []]);
});

test('an edit reloads a running vassal', () => {
  const life = new Life().launch().say('spawned', 'accepting', 'loyal').happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.lastActions], ['reloading', ['send-reload']]);
  assert.equal(life.say('spawned', 'accepting').phase, 'ready');
});

test('an edit during a reload makes another reload after it', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-changed' }).happen({ type: 'file-changed' });
  assert.deepEqual(life.lastActions, []);
  life.say('accepting');
  assert.deepEqual([life.phase, life.lastActions], ['reloading', ['send-reload']]);
  assert.equal(life.say('accepting').phase, 'ready');
});

test('an edit of a vassal that starts restarts it, with SIGTERM since it may not listen yet', () => {
  const life = new Life().launch().happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop', 'terminate']]);
  assert.deepEqual([life.exit(0).phase, life.waiting], ['queued', true]);
});

test('an edit of a router of a real uWSGI, which never accepts, reloads it without waiting for a word', () => {
  const life = new Life().launch().say('spawned').happen({ type: 'file-changed' });
  assert.deepEqual([life.phase, life.lastActions], ['spawned', ['send-reload']]);
});

test('a vassal that refuses its new configuration goes on, until an edit', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-changed' }).say('reload-refused');
  assert.equal(life.phase, 'invalid');
  assert.equal(life.happen({ type: 'file-changed' }).say('accepting').phase, 'ready');
});

test('a reload that is never answered ends after a while', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'reload' });
  life.after(60_000).happen({ type: 'deadline' });
  assert.equal(life.phase, 'ready');
});

test('a further edit does not wait for ever for the answer to a reload', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-changed' }).happen({ type: 'file-changed' });
  life.after(3000).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.lastActions], ['reloading', ['send-reload']]);
});

test('a vassal that stops sending heartbeats is killed and started again', () => {
  const life = new Life().launch().say('accepting', 'heartbeat').after(4000).say('heartbeat').after(4999);
  assert.equal(life.happen({ type: 'deadline' }).phase, 'ready');
  life.after(1).happen({ type: 'deadline' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['kill']]);
  assert.equal(life.exit().phase, 'cursed');
});

test('a vassal that never sent a heartbeat may be silent', () => {
  const life = new Life().launch().say('accepting');
  assert.equal(deadlineOf(life.state, POLICY), undefined);
});

test('a vassal whose file is gone is stopped, and killed when it does not end', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-removed' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  life.after(30_000).happen({ type: 'deadline' });
  assert.deepEqual([life.lastActions, deadlineOf(life.state, POLICY)], [['kill'], undefined]);
  assert.equal(life.exit().phase, 'removed');
});

test('a vassal whose file comes back while it stops starts again without a wait', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'file-removed' }).happen({ type: 'file-returned' });
  assert.deepEqual([life.exit(0).phase, life.waiting], ['queued', true]);
});

test('a vassal that exits with 30 is not started again before an edit', () => {
  const life = new Life().launch().say('accepting').exit(30);
  assert.deepEqual([life.phase, deadlineOf(life.state, POLICY)], ['exiled', undefined]);
  assert.equal(life.happen({ type: 'file-changed' }).phase, 'queued');
});

test('a vassal that asks to be stopped is stopped, and starts again as if it had died', () => {
  const life = new Life().launch().say('accepting', 'stop-me');
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.exit(0).phase, 'cursed');
});

test('a vassal on demand runs when somebody connects, and waits again when it has ended in peace', () => {
  const life = new Life(true);
  assert.deepEqual([life.phase, life.waiting], ['waiting', false]);
  life.happen({ type: 'connection' }).launch().say('accepting', 'loyal').exit(0);
  assert.deepEqual([life.phase, life.lastActions, life.state.failures], ['waiting', ['await-connection'], 0]);
  life.happen({ type: 'connection' }).launch().say('accepting', 'stop-me');
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.exit(0).phase, 'waiting');
});

test('a vassal on demand that dies is throttled like any other, then waits for the next connection', () => {
  const life = new Life(true).happen({ type: 'connection' }).launch().exit(2);
  assert.deepEqual([life.phase, wait(life)], ['cursed', 200]);
  assert.deepEqual([life.after(200).happen({ type: 'deadline' }).phase, life.waiting], ['waiting', false]);
});

test('a vassal on demand is not started by an edit, but by an operator', () => {
  const life = new Life(true).happen({ type: 'file-changed' }).happen({ type: 'reload' });
  assert.equal(life.phase, 'waiting');
  assert.deepEqual(
    [life.happen({ type: 'start' }).phase, life.lastActions],
    ['queued', ['ignore-connections', 'enqueue']],
  );
});

test('a vassal whose socket becomes another one is started anew, or waits at that one', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'socket-changed', onDemand: true });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.exit(0).phase, 'waiting');
  life.happen({ type: 'socket-changed', onDemand: true });
  assert.deepEqual([life.phase, life.lastActions], ['waiting', ['ignore-connections', 'await-connection']]);
  life.happen({ type: 'socket-changed', onDemand: false });
  assert.deepEqual([life.phase, life.waiting], ['queued', true]);
});

test('a vassal that an operator stopped stays so whatever happens to its file, until an operator starts it', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'stop' });
  assert.deepEqual([life.phase, life.lastActions], ['stopping', ['send-stop']]);
  assert.equal(life.happen({ type: 'file-changed' }).exit(0).phase, 'stopped');
  for (const type of ['file-changed', 'reload', 'forgive'] as const) life.happen({ type });
  assert.deepEqual([life.phase, life.waiting], ['stopped', false]);
  assert.deepEqual([life.happen({ type: 'start' }).phase, life.waiting], ['queued', true]);
});

test('a vassal that does not run can be stopped too', () => {
  assert.equal(new Life().happen({ type: 'stop' }).phase, 'stopped');
  assert.equal(new Life(true).happen({ type: 'stop' }).phase, 'stopped');
  assert.equal(new Life().launch().exit(2).happen({ type: 'stop' }).phase, 'stopped');
  assert.equal(new Life().happen({ type: 'stop' }).happen({ type: 'file-removed' }).phase, 'removed');
});

test('a vassal that is restarted ends and begins, whatever it is doing', () => {
  const life = new Life().launch().say('accepting').happen({ type: 'restart' });
  assert.deepEqual([life.phase, life.exit(0).phase], ['stopping', 'queued']);
  assert.equal(life.launch().exit(2).happen({ type: 'restart' }).phase, 'queued');
});

test('a vassal that waits for its turn leaves the queue when its file is gone', () => {
  const life = new Life().happen({ type: 'file-removed' });
  assert.deepEqual([life.phase, life.waiting], ['removed', false]);
});

test('a command that cannot be run is a failure like any other', () => {
  const life = new Life();
  life.waiting = false;
  life.happen({ type: 'exited', exit: { kind: 'launch-failed', problem: 'no such file' } });
  assert.deepEqual([life.phase, wait(life)], ['cursed', 200]);
});

type Move = { readonly kind: string; readonly play: (life: Life) => void };

function move(kind: string, play: (life: Life) => void): Move {
  return { kind, play };
}

const word = fc.constantFrom<VassalWord[]>(
  'spawned',
  'accepting',
  'loyal',
  'stop-me',
  'reload-refused',
  'heartbeat',
  'overloaded',
);
const fileEvent = fc.constantFrom(
  'file-changed',
  'file-removed',
  'file-returned',
  'reload',
  'forgive',
  'start',
  'stop',
  'restart' as const,
);
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  fc.constant(move('launch', (life) => life.waiting && life.launch())),
  fc.constant(
    move('launch failed', (life) => {
      if (!life.waiting) return;
      life.waiting = false;
      life.happen({ type: 'exited', exit: { kind: 'launch-failed', problem: 'missing' } });
    }),
  ),
  word.map((each) => move(each, (life) => life.say(each))),
  fileEvent.map((type) => move(type, (life) => life.happen({ type }))),
  fc.constantFrom(0, 1, 30).map((code) => move(`exit ${code}`, (life) => pidOf(life.state.phase) && life.exit(code))),
  fc.integer({ min: 0, max: 40_000 }).map((ms) => move(`${ms} ms`, (life) => life.after(ms))),
  fc.boolean().map((onDemand) => move('socket-changed', (life) => life.happen({ type: 'socket-changed', onDemand }))),
  fc.constant(move('connection', (life) => life.listening && life.happen({ type: 'connection' }))),
  fc.constant(move('deadline', (life) => life.happen({ type: 'deadline' }))),
);

test('whatever happens: never two processes, never a start before its time, and it always ends stopped', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyMove, { maxLength: 60 }), (onDemand, moves) => {
      const life = new Life(onDemand);
      for (const { kind, play } of moves) {
        if (life.phase === 'removed') break;
        const before = life.state.phase;
        play(life);
        const forgiven = /^(file-changed|reload|forgive|start|restart|socket-changed)$/.test(kind);
        const nextTry = nextTryOf(before);
        if (nextTry !== undefined && life.phase === 'queued' && !forgiven) assert.ok(life.now >= nextTry);
        assert.equal(life.waiting, life.phase === 'queued');
        assert.equal(life.listening, life.phase === 'waiting');
      }
      life.happen({ type: 'emperor-stops' });
      if (life.phase === 'stopping') {
        life.after(30_000).happen({ type: 'deadline' });
        life.happen({ type: 'exited', exit: { kind: 'signal', signal: 'SIGKILL' } });
      }
      assert.deepEqual([life.phase, life.waiting, life.listening], ['removed', false, false]);
    }),
    { numRuns: 2000 },
  );
});

test('a vassal that goes on asking for help is heard now and then', () => {
  const life = new Life().launch();
  life.say('accepting', 'overloaded');
  const asked = life.state.helpAskedAt;
  assert.notEqual(asked, undefined);
  assert.equal(life.after(1000).say('overloaded').state.helpAskedAt, asked);
  assert.equal(life.after(9000).say('overloaded').state.helpAskedAt, life.now);
});
