import { type Ask, BEST_PEER } from './row.ts';

/** So many times the best peer's figure. */
export function timesBest(wanted: number): Ask {
  return { wanted, of: BEST_PEER };
}

/** So many times the figure of the peer of that name. */
export function times(wanted: number, of: string): Ask {
  return { wanted, of };
}

/** The figure itself, whatever the peers do. */
export function figure(wanted: number): Ask {
  return { wanted };
}

/** The same, in every single round. */
export function always(wanted: number): Ask {
  return { wanted, inEveryRound: true };
}

/** What issue 11 wishes for beyond DESIGN section 6. */
export function goal(ask: Ask): Ask {
  return { ...ask, isGoal: true };
}
