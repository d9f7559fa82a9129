import { at, begin, type Step, type VassalState } from './vassal-steps.ts';

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
