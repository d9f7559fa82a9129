import type { Vassal } from './api.ts';

/** How a state looks: well, on its way, in need of somebody, or at rest. */
export type Health = 'well' | 'between' | 'ill' | 'resting';

export function healthOf({ state, failing, failures }: Vassal): Health {
  // One that is being tried again has not come up yet: it stays where it was in the list.
  if (failing || (failures > 0 && (state === 'starting' || state === 'queued'))) return 'ill';
  switch (state) {
    case 'ready':
    case 'loyal':
    case 'spawned':
      return 'well';
    case 'cursed':
    case 'invalid':
    case 'exiled':
      return 'ill';
    case 'waiting':
    case 'stopped':
      return 'resting';
    default:
      return 'between';
  }
}

/** The unwell first, then by name. */
export function unwellFirst(one: Vassal, other: Vassal): number {
  return Number(healthOf(other) === 'ill') - Number(healthOf(one) === 'ill') || one.name.localeCompare(other.name);
}
