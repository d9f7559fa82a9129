import { throttleDelayMs } from './throttle.ts';
import { CONFIGURATION_ERROR_CODE, EXILE_CODE, type VassalExit } from './vassal-exit.ts';
import type { VassalPhase } from './vassal-phase.ts';
import { at, begin, type Step, type StepContext, type VassalState } from './vassal-steps.ts';

/** From so many failures in a row on a vassal is no longer one that stumbles but one that somebody has to look after. */
export const FAILING_FROM = 10;

/** Readiness for this long proves health: earlier failures are forgiven. */
const HEALTHY_AFTER_MS = 10_000;

/** Its process has ended, or could not be started. */
export function exited(state: VassalState, exit: VassalExit, context: StepContext): Step {
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

/** uWSGI's exit code for every configuration error, an address that is taken among them (UWSGI-FACTS 1.5, 1.6). */
function isRefusal(exit: VassalExit | undefined): boolean {
  return exit?.kind === 'code' && exit.code === CONFIGURATION_ERROR_CODE;
}
