import type { Load } from '../../rig/load.ts';

/** The longest time without an answer that issue 6 allows for reloads and scaling. */
export const LONGEST_GAP_MS = 50;

/** A shorter run is one among other tests, and its gaps are theirs. */
export const SHORT_SECONDS = 10;

/** What the machine does to the clients by itself, in ms: other programs run on it too. */
export async function longestCalmGap(load: Load): Promise<number> {
  load.longestGapMs = 0;
  await load.more(200);
  return Math.round(load.longestGapMs);
}
