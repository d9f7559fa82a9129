import type { Column, Figures } from './row.ts';

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
    return range === 0 ? 0 : range / median(values);
  });
}

/** The best value that any of them has in a column. */
export function best({ key, better }: Column, figures: readonly Figures[]): number {
  const values = figures.map((each) => each[key] ?? Number.NaN);
  return better === 'higher' ? Math.max(...values) : Math.min(...values);
}

/** Ours divided by the best of the peers; undefined without a peer, or where that has nothing to divide by. */
export function ratio(column: Column, ours: Figures, peers: readonly Figures[]): number | undefined {
  const divisor = best(column, peers);
  return peers.length === 0 || divisor === 0 ? undefined : (ours[column.key] ?? Number.NaN) / divisor;
}
