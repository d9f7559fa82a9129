import { figure, goal, times, timesBest } from '../asks.ts';
import type { AnyRow } from '../row.ts';
import type { Result, RowResult } from '../run-row.ts';
import { medians, spread } from '../statistics.ts';

const row: AnyRow = {
  name: 'tea',
  title: 'tea & <cakes>',
  contestants: [],
  columns: [
    {
      key: 'cups',
      title: 'cups/s',
      better: 'higher',
      decimals: 0,
      asks: [timesBest(2), goal(timesBest(1)), times(2, 'water'), times(1, 'cocoa')],
    },
    { key: 'grams', title: 'g/cup', better: 'lower', decimals: 1, asks: [figure(2.5)] },
    { key: 'spilt', title: 'ml spilt', better: 'lower', decimals: 0 },
  ],
  round: () => Promise.resolve({}),
};

function result(contestant: string, cups: readonly number[], grams: readonly number[]): Result {
  const rounds = cups.map((value, index) => ({ cups: value, grams: grams[index] ?? Number.NaN, spilt: 1 }));
  return { contestant, medians: medians(rounds), spread: spread(rounds), rounds };
}

/** What came of a row that never ran: two rounds with two peers, a gauge and a former release. */
export const tea: RowResult = {
  row,
  ours: result('ours', [28, 32], [2, 3]),
  peers: [result('coffee', [20, 20], [8, 8]), result('water', [10, 18], [4, 4])],
  gauges: [result('nobody', [90, 90], [0, 0])],
  previous: result('previous', [15, 15], [2, 2]),
  absent: ['cocoa (apt-get install cocoa)'],
};
