import { describeExit } from '../vassal/vassal-exit.ts';
import type { VassalState } from '../vassal/vassal-steps.ts';

/** Why a vassal is not simply up, as a phrase; undefined when there is nothing to explain. */
export function reasonOf(
  { phase, lastExit, failures }: VassalState,
  heldBackBy: readonly string[] = [],
): string | undefined {
  const exit = lastExit === undefined ? 'its process ended' : describeExit(lastExit);
  switch (phase.name) {
    case 'cursed':
      return `${exit}, ${inARow(failures)}`;
    case 'invalid':
      return 'pid' in phase
        ? 'it refused its new configuration and goes on with the old one'
        : `${exit} before it was up, ${inARow(failures)}`;
    case 'exiled':
      return `${exit}: it asked not to be started again before its file changes`;
    case 'queued':
      if (heldBackBy.length > 0) return `starts when these are up: ${heldBackBy.join(' ')}`;
      return failures > 0 ? `tried again: ${exit}, ${inARow(failures)}` : undefined;
    case 'starting':
      return failures > 0 ? `tried again: ${exit}, ${inARow(failures)}` : undefined;
    case 'stopped':
      return 'an operator stopped it';
    case 'waiting':
      return 'on demand: started when somebody connects';
    case 'spawned':
    case 'ready':
    case 'loyal':
    case 'reloading':
    case 'stopping':
    case 'removed':
      return undefined;
    default:
      return phase satisfies never;
  }
}

function inARow(failures: number): string {
  return failures === 1 ? 'a first failure' : `failure ${failures} in a row`;
}
