import { forgiven, restarted, started, stopped } from './operator-steps.ts';
import { throttleDelayMs } from './throttle.ts';
import { CONFIGURATION_ERROR_CODE, EXILE_CODE, type VassalExit } from './vassal-exit.ts';
import type { VassalEvent, VassalWord } from './vassal-event.ts';
import { isDead, isLive, type AfterStop, type LivePhase, type VassalPhase } from './vassal-phase.ts';
import {
  after,
  at,
  begin,
  enqueue,
  reload,
  stop,
  stoppingThen,
  unmoved,
  type Step,
  type StepContext,
  type VassalPolicy,
  type VassalState,
} from './vassal-steps.ts';

/*
 *                    launched            spawned            accepting           loyal
 *   ┌──▶ queued ───────────▶ starting ──────────▶ spawned ──────────▶ ready ──────────▶ loyal
 *   │       ▲                    │                   │                  │ ▲               │
 *   │       │ time is up         │ exited            │ exited    reload │ │ accepting     │ reload
 *   │       │                    ▼                   ▼                  ▼ │               │
 *   │    cursed ◀──────────────────────────────────────────────────── reloading ◀─────────┘
 *   │                            │ exited with 30                       │ refused
 *   │                            ▼                                      ▼
 *   │ edit                    exiled                                 invalid (the old generation goes on)
 *   │                            │
 *   └────────────────────────────┘
 *
 *   starting ── exited with 1 ──▶ invalid (nothing goes on; treated like cursed from then on)
 *   on demand: waiting ── connection ──▶ queued; where another vassal gets to queued by itself, this one gets to waiting
 *
 *   any with a process ── file gone, emperor stops, edit while starting, stop-me ──▶ stopping ── exited ──▶ removed | queued | cursed
 *   any ── an operator stops it ──▶ (stopping ──▶) stopped ── an operator starts it ──▶ queued
 *   any without one    ── file gone, emperor stops ──▶ removed
 */

/** From so many failures in a row on a vassal is no longer one that stumbles but one that somebody has to look after. */
export const FAILING_FROM = 10;

/** Readiness for this long proves health: earlier failures are forgiven. */
const HEALTHY_AFTER_MS = 10_000;

const HELP_EVERY_MS = 10_000;

/** A further change is not kept waiting for the outcome of a reload any longer: the answer may never come. */
const AGAIN_AFTER_MS = 3000;

/** The state of a vassal whose file has just been found, and what to do. */
export function newVassal(now: number, onDemand: boolean): Step {
  const phase = { name: 'queued', since: now } as const;
  return begin(
    { phase, onDemand, failures: 0, launches: 0, lastExit: undefined, heardAt: undefined, helpAskedAt: undefined },
    now,
  );
}

/** One that an operator has stopped before this emperor came. */
export function stoppedVassal(now: number, onDemand: boolean): Step {
  const { state } = newVassal(now, onDemand);
  return at(state, { name: 'stopped', since: now });
}

/** One that a former emperor started: it is up as far as anybody knows; what it says will tell more. */
export function adoptedVassal(
  now: number,
  { pid, launches, onDemand }: { readonly pid: number; readonly launches: number; readonly onDemand: boolean },
): VassalState {
  const phase = { name: 'spawned', since: now, pid, upSince: now } as const;
  return { phase, onDemand, failures: 0, launches, lastExit: undefined, heardAt: undefined, helpAskedAt: undefined };
}

/** When the state wants a `deadline` event; undefined when it can wait for ever. */
export function deadlineOf(state: VassalState, policy: VassalPolicy): number | undefined {
  const due = [phaseDeadline(state.phase), heartbeatDeadline(state, policy)].filter((each) => each !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

function phaseDeadline(phase: VassalPhase): number | undefined {
  if ('until' in phase) return phase.until;
  return phase.name === 'stopping' ? phase.killAt : undefined;
}

function heartbeatDeadline({ phase, heardAt }: VassalState, policy: VassalPolicy): number | undefined {
  if (heardAt === undefined || !isLive(phase) || phase.name === 'stopping') return undefined;
  return heardAt + policy.heartbeatToleranceMs;
}

/** One step of a vassal's life. Events that mean nothing in a state leave it as it is. */
export function step(state: VassalState, event: VassalEvent, context: StepContext): Step {
  switch (event.type) {
    case 'connection':
      return state.phase.name === 'waiting' ? enqueue(state, context) : unmoved(state);
    case 'socket-changed':
      return resocketed({ ...state, onDemand: event.onDemand, failures: 0 }, context);
    case 'start':
      return started({ ...state, failures: 0 }, context);
    case 'launched':
      return launched(state, event.pid, context);
    case 'said':
      return isLive(state.phase) ? said(state, state.phase, event.word, context) : unmoved(state);
    case 'exited':
      return exited(state, event.exit, context);
    case 'deadline':
      return deadline(state, context);
    case 'file-changed':
      return changed({ ...state, failures: 0 }, context);
    case 'reload':
      return state.phase.name === 'starting' ? unmoved(state) : changed({ ...state, failures: 0 }, context);
    case 'restart':
      return restarted({ ...state, failures: 0 }, context);
    case 'stop':
      return stopped(state, context);
    case 'forgive':
      return forgiven({ ...state, failures: 0 }, context);
    case 'file-returned':
      return state.phase.name === 'stopping' ? unmoved(stoppingThen(state, state.phase, 'restart')) : unmoved(state);
    case 'file-removed':
      return removed(state, context);
    case 'emperor-stops':
      return context.policy.gracefulShutdown ? gracefully(removed(state, context)) : removed(state, context);
    default:
      return event satisfies never;
  }
}

function launched(state: VassalState, pid: number, { now }: StepContext): Step {
  const phase = { name: 'starting', since: now, pid } as const;
  return unmoved({ ...state, phase, launches: state.launches + 1, heardAt: undefined, helpAskedAt: undefined });
}

function said(state: VassalState, phase: LivePhase, word: VassalWord, context: StepContext): Step {
  const { now } = context;
  const { pid } = phase;
  if (word === 'heartbeat') return unmoved({ ...state, heardAt: now });
  if (phase.name === 'stopping') return unmoved(state);
  if (word === 'overloaded') return askedForHelp(state, now);
  // Idle, if it runs on demand.
  if (word === 'stop-me') return stop(state, phase, state.onDemand ? 'restart' : 'throttled-restart', context);
  if (phase.name === 'starting') {
    const name = ({ spawned: 'spawned', accepting: 'ready', loyal: 'loyal', 'reload-refused': 'starting' } as const)[
      word
    ];
    if (name === 'starting') return unmoved(state);
    return unmoved(proven({ ...state, phase: { name, since: now, pid, upSince: now } }));
  }
  const { upSince } = phase;
  if (phase.name === 'reloading') {
    // Loyalty announced now is still that of the old generation.
    if (word === 'spawned' || word === 'loyal') return unmoved(state);
    if (phase.again) return reload(state, phase, context);
    return at(state, { name: word === 'accepting' ? 'ready' : 'invalid', since: now, pid, upSince });
  }
  if (word === 'loyal' && phase.name !== 'loyal') {
    return unmoved(proven({ ...state, phase: { name: 'loyal', since: now, pid, upSince } }));
  }
  if (word === 'accepting' && phase.name === 'spawned') {
    return unmoved({ ...state, phase: { name: 'ready', since: now, pid, upSince: now } });
  }
  return unmoved(state);
}

/** A served request is proof of health (UWSGI-FACTS 13.6). */
function proven(state: VassalState): VassalState {
  return state.phase.name === 'loyal' ? { ...state, failures: 0 } : state;
}

function exited(state: VassalState, exit: VassalExit, context: StepContext): Step {
  const { phase } = state;
  const ended = { ...state, lastExit: exit };
  if (phase.name === 'stopping' && phase.after === 'removal') return at(ended, { name: 'removed', since: context.now });
  if (phase.name === 'stopping' && phase.after === 'rest') return at(ended, { name: 'stopped', since: context.now });
  if (phase.name === 'stopping' && phase.after === 'restart') return begin(ended, context.now);
  if (state.onDemand && exit.kind === 'code' && exit.code === 0) return begin(ended, context.now);
  if (exit.kind === 'code' && exit.code === EXILE_CODE) return at(ended, { name: 'exiled', since: context.now });
  return curse(ended, phase, context);
}

function curse(state: VassalState, phase: VassalPhase, { now, random, policy }: StepContext): Step {
  const healthy = 'upSince' in phase && now - phase.upSince >= HEALTHY_AFTER_MS;
  const failures = (healthy ? 0 : state.failures) + 1;
  const until = now + throttleDelayMs(policy.throttle, failures, random);
  const name = phase.name === 'starting' && isRefusal(state.lastExit) ? 'invalid' : 'cursed';
  return at({ ...state, failures }, { name, since: now, until });
}

/** One that goes on asking is heard now and then: it is told of each time. */
function askedForHelp(state: VassalState, now: number): Step {
  const { helpAskedAt } = state;
  const isHeard = helpAskedAt === undefined || now - helpAskedAt >= HELP_EVERY_MS;
  return unmoved(isHeard ? { ...state, helpAskedAt: now } : state);
}

/** uWSGI's exit code for every configuration error, an address that is taken among them (UWSGI-FACTS 1.5, 1.6). */
function isRefusal(exit: VassalExit | undefined): boolean {
  return exit?.kind === 'code' && exit.code === CONFIGURATION_ERROR_CODE;
}

function deadline(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  if (isDue(heartbeatDeadline(state, context.policy), context) && isLive(phase))
    return killSilent(state, phase, context);
  if (!isDue(phaseDeadline(phase), context)) return unmoved(state);
  if (isDead(phase)) return begin(state, context.now);
  if (phase.name === 'stopping') {
    return { state: { ...state, phase: { ...phase, killAt: undefined } }, actions: ['kill'] };
  }
  if (phase.name !== 'reloading') return unmoved(state);
  if (phase.again) return reload(state, phase, context);
  return at(state, { name: 'ready', since: context.now, pid: phase.pid, upSince: phase.upSince });
}

function isDue(deadline: number | undefined, { now }: StepContext): boolean {
  return deadline !== undefined && now >= deadline;
}

function killSilent(state: VassalState, { pid }: LivePhase, { now }: StepContext): Step {
  const phase = { name: 'stopping', since: now, pid, after: 'throttled-restart', killAt: undefined } as const;
  return { state: { ...state, phase }, actions: ['kill'] };
}

function changed(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  switch (phase.name) {
    case 'starting':
      return stop(state, phase, 'restart', context);
    case 'spawned':
      // Without an `accepting` there is no word either that would end a reload.
      return { state, actions: ['send-reload'] };
    case 'ready':
    case 'loyal':
      return reload(state, phase, context);
    case 'invalid':
      return isLive(phase) ? reload(state, phase, context) : begin(state, context.now);
    case 'reloading':
      return unmoved({
        ...state,
        phase: { ...phase, again: true, until: Math.min(phase.until, context.now + AGAIN_AFTER_MS) },
      });
    case 'cursed':
    case 'exiled':
      return begin(state, context.now);
    case 'stopping':
      return unmoved(isFinal(phase.after) ? state : stoppingThen(state, phase, 'restart'));
    case 'waiting':
    case 'queued':
    case 'stopped':
    case 'removed':
      return unmoved(state);
    default:
      return phase satisfies never;
  }
}

/** No edit changes what follows. */
function isFinal(after: AfterStop): boolean {
  return after === 'removal' || after === 'rest';
}

function resocketed(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  if (phase.name === 'waiting') return after('ignore-connections', begin(state, context.now));
  if (phase.name === 'queued') return after('dequeue', begin(state, context.now));
  return phase.name !== 'stopping' && isLive(phase) ? stop(state, phase, 'restart', context) : changed(state, context);
}

function gracefully({ state, actions }: Step): Step {
  return { state, actions: actions.map((action) => (action === 'send-stop' ? 'send-graceful-stop' : action)) };
}

function removed(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  if (phase.name === 'stopping') return unmoved(stoppingThen(state, phase, 'removal'));
  if (isLive(phase)) return stop(state, phase, 'removal', context);
  if (phase.name === 'removed') return unmoved(state);
  const gone: VassalState = { ...state, phase: { name: 'removed', since: context.now } };
  if (phase.name === 'waiting') return { state: gone, actions: ['ignore-connections'] };
  return { state: gone, actions: phase.name === 'queued' ? ['dequeue'] : [] };
}
