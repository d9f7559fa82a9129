import { isDead, isLive } from './vassal-phase.ts';
import {
  after,
  at,
  begin,
  enqueue,
  stop,
  stoppingThen,
  unmoved,
  type Step,
  type StepContext,
  type VassalState,
} from './vassal-steps.ts';

/** An operator wants it to run now. One that waits for a connection does not wait any longer for this one. */
export function started(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  if (phase.name === 'waiting') return after('ignore-connections', enqueue(state, context));
  if (isDead(phase) || phase.name === 'exiled' || phase.name === 'stopped') return enqueue(state, context);
  if (phase.name === 'stopping' && phase.after !== 'removal') return unmoved(stoppingThen(state, phase, 'restart'));
  return unmoved(state);
}

/** An operator wants a new process, whatever the old one does. */
export function restarted(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  return isLive(phase) && phase.name !== 'stopping' ? stop(state, phase, 'restart', context) : started(state, context);
}

/** An operator wants it not to run, whatever happens to its file, before an operator wants it to. */
export function stopped(state: VassalState, context: StepContext): Step {
  const { phase } = state;
  const rest = at(state, { name: 'stopped', since: context.now });
  switch (phase.name) {
    case 'removed':
    case 'stopped':
      return unmoved(state);
    case 'waiting':
      return after('ignore-connections', rest);
    case 'queued':
      return after('dequeue', rest);
    case 'stopping':
      return unmoved(phase.after === 'removal' ? state : stoppingThen(state, phase, 'rest'));
    default:
      return isLive(phase) ? stop(state, phase, 'rest', context) : rest;
  }
}

/** An operator wants failures not to count any longer. */
export function forgiven(state: VassalState, context: StepContext): Step {
  return isDead(state.phase) ? begin(state, context.now) : unmoved(state);
}
