import type { ThrottlePolicy } from './throttle.ts';
import type { VassalAction } from './vassal-event.ts';
import type { VassalExit } from './vassal-exit.ts';
import type { AfterStop, LivePhase, VassalPhase } from './vassal-phase.ts';

export interface VassalState {
  readonly phase: VassalPhase;
  /** It runs only while somebody uses it. */
  readonly onDemand: boolean;
  /** Deaths in a row, without health, edit or touch between them. */
  readonly failures: number;
  /** Processes started for it so far. */
  readonly launches: number;
  readonly lastExit: VassalExit | undefined;
  /** When the process last gave a sign of life; undefined as long as it never did (`heartbeat` is an option of the vassal's). */
  readonly heardAt: number | undefined;
  /** When it last asked for reinforcement; not again before some time has passed. */
  readonly helpAskedAt: number | undefined;
}

export interface VassalPolicy {
  readonly throttle: ThrottlePolicy;
  /** The time a vassal gets to end by itself. */
  readonly stopMercyMs: number;
  /** The time a vassal gets to say that it has reloaded; a real uWSGI may never say it. */
  readonly reloadPatienceMs: number;
  /** One that has sent heartbeats and is silent for so long is killed. */
  readonly heartbeatToleranceMs: number;
  /** At the emperor's end vassals are asked to finish their requests (`emperor-graceful-shutdown`). */
  readonly gracefulShutdown: boolean;
}

/** What a step must not find out by itself. */
export interface StepContext {
  /** Milliseconds, never running backwards. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
  readonly policy: VassalPolicy;
}

export interface Step {
  readonly state: VassalState;
  readonly actions: readonly VassalAction[];
}

/** It is to run, or on demand when somebody wants it. */
export function begin(state: VassalState, now: number): Step {
  if (!state.onDemand) return enqueue(state, { now });
  return { state: { ...state, phase: { name: 'waiting', since: now } }, actions: ['await-connection'] };
}

/** It is to run as soon as it is its turn. */
export function enqueue(state: VassalState, { now }: Pick<StepContext, 'now'>): Step {
  return { state: { ...state, phase: { name: 'queued', since: now } }, actions: ['enqueue'] };
}

/** It is to read its configuration anew. */
export function reload(state: VassalState, phase: LivePhase & { upSince: number }, { now, policy }: StepContext): Step {
  const { pid, upSince } = phase;
  const until = now + policy.reloadPatienceMs;
  const reloading = { name: 'reloading', since: now, pid, upSince, until, again: false } as const;
  return { state: { ...state, phase: reloading }, actions: ['send-reload'] };
}

/**
 * One that has not said a word may not listen yet (a real uWSGI caught in mid-start misses the byte and hangs, UWSGI-FACTS
 * 13.8), or not at all: it gets SIGTERM too.
 */
export function stop(state: VassalState, phase: LivePhase, after: AfterStop, { now, policy }: StepContext): Step {
  const stopping = { name: 'stopping', since: now, pid: phase.pid, after, killAt: now + policy.stopMercyMs } as const;
  const actions: VassalAction[] = phase.name === 'starting' ? ['send-stop', 'terminate'] : ['send-stop'];
  return { state: { ...state, phase: stopping }, actions };
}

/** What follows the end of one that stops already. */
export function stoppingThen(
  state: VassalState,
  phase: Extract<VassalPhase, { readonly name: 'stopping' }>,
  after: AfterStop,
): VassalState {
  return { ...state, phase: { ...phase, after } };
}

/** Goes there, and nothing more. */
export function at(state: VassalState, phase: VassalPhase): Step {
  return unmoved({ ...state, phase });
}

/** Stays where the state is. */
export function unmoved(state: VassalState): Step {
  return { state, actions: [] };
}

/** Does something else first. */
export function after(action: VassalAction, { state, actions }: Step): Step {
  return { state, actions: [action, ...actions] };
}
