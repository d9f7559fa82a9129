/** Requests at moments that do not depend on the answers: everybody is offered the same load, however slow they are. */
export interface Schedule {
  /** When each request is due, in milliseconds from the beginning, ascending. */
  readonly dueMs: Float64Array;
  /** Those that ask for the slow page. */
  readonly isSlow: Uint8Array;
}

/** One request after the other, always the same time apart; every Nth of them is slow. */
export function evenSchedule(
  perSecond: number,
  seconds: number,
  slowEvery: number = Number.POSITIVE_INFINITY,
): Schedule {
  const count = perSecond * seconds;
  return {
    dueMs: Float64Array.from({ length: count }, (_, index) => (1000 * index) / perSecond),
    isSlow: Uint8Array.from({ length: count }, (_, index) => (index % slowEvery === Math.floor(slowEvery / 2) ? 1 : 0)),
  };
}

/**
 * As visitors come: independent of each other, so that now and then several come at once (a Poisson process), and some slow ones are next to
 * each other. It is always the same schedule, from a generator of numbers that begins where it always does.
 */
export function randomSchedule(perSecond: number, seconds: number, slowShare: number): Schedule {
  const random = sequence();
  const dueMs: number[] = [];
  const isSlow: number[] = [];
  for (let at = gap(random, perSecond); at < seconds * 1000; at += gap(random, perSecond)) {
    dueMs.push(at);
    isSlow.push(random() < slowShare ? 1 : 0);
  }
  return { dueMs: Float64Array.from(dueMs), isSlow: Uint8Array.from(isSlow) };
}

/**
 * How long each request would take if nothing cost any time but the slow page, and each request went to whichever worker is free first:
 * nobody can be below that with so many workers.
 */
export function leastLatenciesMs({ dueMs, isSlow }: Schedule, workers: number, slowMs: number): Float64Array {
  const freeAt = Array.from({ length: workers }, () => 0);
  return dueMs.map((due, index) => {
    const first = freeAt.indexOf(Math.min(...freeAt));
    const end = Math.max(due, freeAt[first] ?? 0) + (isSlow[index] === 1 ? slowMs : 0);
    freeAt[first] = end;
    return end - due;
  });
}

function gap(random: () => number, perSecond: number): number {
  return (-Math.log(1 - random()) / perSecond) * 1000;
}

/** Numbers from 0 to 1: a linear congruential generator (the constants are those of Numerical Recipes). */
function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
