import { isDead, isLive, type LivePhase, type VassalPhase } from './vassal-phase.ts';
import {
  at,
  begin,
  reload,
  unmoved,
  type Step,
  type StepContext,
  type VassalPolicy,
  type VassalState,
} from './vassal-steps.ts';

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

/** The time has come for something. */
export function deadline(state: VassalState, context: StepContext): Step {
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
