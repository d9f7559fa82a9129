import type { Column, Figures } from './row.ts';
import type { Result } from './run-row.ts';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function perFigure(rounds: readonly Figures[], summarize: (values: readonly number[]) => number): Figures {
  const keys = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, summarize(rounds.map((round) => round[key] ?? Number.NaN))]));
}

export function medians(rounds: readonly Figures[]): Figures {
  return perFigure(rounds, median);
}

/** (highest - lowest) / median. */
export function spread(rounds: readonly Figures[]): Figures {
  return perFigure(rounds, (values) => {
    const range = Math.max(...values) - Math.min(...values);
    // Without an answer a latency is infinite.
    return range === 0 || !Number.isFinite(range) ? 0 : range / median(values);
  });
}

/** Who has the best value in a column, of those who have one. */
export function bestResult({ key, better }: Column, results: readonly Result[]): Result | undefined {
  const sign = better === 'higher' ? -1 : 1;
  const valueOf = ({ medians: figures }: Result): number => sign * (figures[key] ?? Number.POSITIVE_INFINITY);
  const present = results.filter(({ medians: figures }) => figures[key] !== undefined);
  return present.toSorted((a, b) => valueOf(a) - valueOf(b))[0];
}

/** Ours divided by the best of the peers; undefined without a peer, or where that has nothing to divide by. */
export function ratio(column: Column, ours: Result, peers: readonly Result[]): number | undefined {
  const divisor = bestResult(column, peers)?.medians[column.key];
  const value = ours.medians[column.key];
  return divisor === undefined || divisor === 0 || value === undefined ? undefined : value / divisor;
}
