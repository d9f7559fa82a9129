import assert from 'node:assert/strict';

import { newVassal } from '../vassal/vassal-beginnings.ts';
import type { VassalAction, VassalEvent, VassalWord } from '../vassal/vassal-event.ts';
import { nextTryOf, pidOf } from '../vassal/vassal-phase.ts';
import { step } from '../vassal/vassal-state.ts';
import type { Step, StepContext, VassalPolicy, VassalState } from '../vassal/vassal-steps.ts';

export const POLICY: VassalPolicy = {
  throttle: { baseDelayMs: 200, maximumDelayMs: 60_000 },
  stopMercyMs: 30_000,
  reloadPatienceMs: 60_000,
  heartbeatToleranceMs: 5000,
  gracefulShutdown: false,
};

/** A vassal and the world around it: what has been asked for, and what time it is. */
export class Life {
  state: VassalState;
  now = 0;
  /** For its turn. */
  waiting: boolean;
  /** For a connection. */
  listening: boolean;
  lastActions: readonly VassalAction[] = [];
  #nextPid = 100;

  readonly #policy: VassalPolicy;

  constructor(onDemand = false, begun: Step = newVassal(0, onDemand), policy: VassalPolicy = POLICY) {
    const { state, actions } = begun;
    this.#policy = policy;
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
    const context: StepContext = { now: this.now, random: 0.5, policy: this.#policy };
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

  /** The command of one whose turn it is cannot be run. */
  failToLaunch(): this {
    assert.ok(this.waiting);
    this.waiting = false;
    return this.happen({ type: 'exited', exit: { kind: 'launch-failed', problem: 'no such file' } });
  }

  say(...words: VassalWord[]): this {
    for (const word of words) this.happen({ type: 'said', word });
    return this;
  }

  exit(code = 1): this {
    return this.happen({ type: 'exited', exit: { kind: 'code', code } });
  }

  /** Time goes by. */
  after(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }
}

/** Of one that is dead: how long until the next try, in milliseconds. */
export function wait({ state: { phase } }: Life): number | undefined {
  const nextTry = nextTryOf(phase);
  return nextTry === undefined ? undefined : nextTry - phase.since;
}
