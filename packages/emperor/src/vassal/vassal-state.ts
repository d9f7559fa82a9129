import { changed, gracefully, removed, resocketed } from './file-steps.ts';
import { forgiven, restarted, started, stopped } from './operator-steps.ts';
import { deadline } from './vassal-deadline.ts';
import { exited } from './vassal-death.ts';
import type { VassalEvent } from './vassal-event.ts';
import { isLive } from './vassal-phase.ts';
import { enqueue, stoppingThen, unmoved, type Step, type StepContext, type VassalState } from './vassal-steps.ts';
import { said } from './vassal-words.ts';

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
