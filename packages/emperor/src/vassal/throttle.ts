/** How long a vassal that keeps dying has to wait. */
export interface ThrottlePolicy {
  /** The wait after the first failure (`emperor-throttle`). */
  readonly baseDelayMs: number;
  /** No wait is longer, jitter included (`emperor-max-throttle`). */
  readonly maximumDelayMs: number;
}

/** Each wait is up to this share longer or shorter, so that vassals which died together do not return together. */
const JITTER = 0.2;

/**
 * The wait in milliseconds before the respawn that follows failure number `failures` (1 is the first): it doubles with each.
 * `random` is in [0, 1).
 */
export function throttleDelayMs(policy: ThrottlePolicy, failures: number, random: number): number {
  const delayMs = Math.min(policy.maximumDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
  return Math.min(policy.maximumDelayMs, Math.round(delayMs * (1 - JITTER + 2 * JITTER * random)));
}
