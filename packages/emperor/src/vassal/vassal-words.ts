import type { VassalWord } from './vassal-event.ts';
import type { LivePhase } from './vassal-phase.ts';
import { at, reload, stop, unmoved, type Step, type StepContext, type VassalState } from './vassal-steps.ts';

/** One that asks for help all the time is heard so often. */
const HELP_EVERY_MS = 10_000;

/** A process has said something on the emperor socket. */
export function said(state: VassalState, phase: LivePhase, word: VassalWord, context: StepContext): Step {
  const { now } = context;
  if (word === 'heartbeat') return unmoved({ ...state, heardAt: now });
  if (phase.name === 'stopping') return unmoved(state);
  if (word === 'overloaded') return askedForHelp(state, now);
  // Idle, if it runs on demand.
  if (word === 'stop-me') return stop(state, phase, state.onDemand ? 'restart' : 'throttled-restart', context);
  if (phase.name === 'starting') return saidWhileStarting(state, phase, word, now);
  if (phase.name === 'reloading') return saidWhileReloading(state, phase, word, context);
  return saidWhileUp(state, phase, word, now);
}

/** What tells of the state of a process. */
type StateWord = Exclude<VassalWord, 'heartbeat' | 'overloaded' | 'stop-me'>;
type Phase<Name extends LivePhase['name']> = Extract<LivePhase, { readonly name: Name }>;

function saidWhileStarting(state: VassalState, { pid }: LivePhase, word: StateWord, now: number): Step {
  if (word === 'reload-refused') return unmoved(state);
  const name = ({ spawned: 'spawned', accepting: 'ready', loyal: 'loyal' } as const)[word];
  return unmoved(proven({ ...state, phase: { name, since: now, pid, upSince: now } }));
}

function saidWhileReloading(
  state: VassalState,
  phase: Phase<'reloading'>,
  word: StateWord,
  context: StepContext,
): Step {
  // Loyalty announced now is still that of the old generation.
  if (word === 'spawned' || word === 'loyal') return unmoved(state);
  if (phase.again) return reload(state, phase, context);
  const { pid, upSince } = phase;
  return at(state, { name: word === 'accepting' ? 'ready' : 'invalid', since: context.now, pid, upSince });
}

function saidWhileUp(
  state: VassalState,
  { name, pid, upSince }: Phase<'spawned' | 'ready' | 'loyal' | 'invalid'>,
  word: StateWord,
  now: number,
): Step {
  if (word === 'loyal' && name !== 'loyal') {
    return unmoved(proven({ ...state, phase: { name: 'loyal', since: now, pid, upSince } }));
  }
  if (word === 'accepting' && name === 'spawned') {
    return unmoved({ ...state, phase: { name: 'ready', since: now, pid, upSince: now } });
  }
  return unmoved(state);
}

/** A served request is proof of health (UWSGI-FACTS 13.6). */
function proven(state: VassalState): VassalState {
  return state.phase.name === 'loyal' ? { ...state, failures: 0 } : state;
}

/** One that goes on asking is heard now and then: it is told of each time. */
function askedForHelp(state: VassalState, now: number): Step {
  const { helpAskedAt } = state;
  const isHeard = helpAskedAt === undefined || now - helpAskedAt >= HELP_EVERY_MS;
  return unmoved(isHeard ? { ...state, helpAskedAt: now } : state);
}
