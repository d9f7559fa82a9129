import { isLive, type AfterStop } from './vassal-phase.ts';
import {
  after,
  begin,
  reload,
  stop,
  stoppingThen,
  unmoved,
  type Step,
  type StepContext,
  type VassalState,
} from './vassal-steps.ts';

/** A further change is not kept waiting for the outcome of a reload any longer: the answer may never come. */
const AGAIN_AFTER_MS = 3000;

/** Its file is another one, or somebody asks for a reload. */
export function changed(state: VassalState, context: StepContext): Step {
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

/** Its socket is another one. */
export function resocketed(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  if (phase.name === 'waiting') return after('ignore-connections', begin(state, context.now));
  if (phase.name === 'queued') return after('dequeue', begin(state, context.now));
  return phase.name !== 'stopping' && isLive(phase) ? stop(state, phase, 'restart', context) : changed(state, context);
}

export function gracefully({ state, actions }: Step): Step {
  return { state, actions: actions.map((action) => (action === 'send-stop' ? 'send-graceful-stop' : action)) };
}

/** Its file is gone, or the emperor ends. */
export function removed(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  if (phase.name === 'stopping') return unmoved(stoppingThen(state, phase, 'removal'));
  if (isLive(phase)) return stop(state, phase, 'removal', context);
  if (phase.name === 'removed') return unmoved(state);
  const gone: VassalState = { ...state, phase: { name: 'removed', since: context.now } };
  if (phase.name === 'waiting') return { state: gone, actions: ['ignore-connections'] };
  return { state: gone, actions: phase.name === 'queued' ? ['dequeue'] : [] };
}
