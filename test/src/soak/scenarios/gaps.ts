/** The longest time without an answer that issue 6 allows for reloads and scaling. */
export const LONGEST_GAP_MS = 50;

/** A shorter run is one among other tests: its gaps and its share of the processor are theirs. */
export const SHORT_SECONDS = 10;
