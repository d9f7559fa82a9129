import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AnyRow } from './row.ts';
import type { Result } from './run-row.ts';
import { formatTable } from './table.ts';

const row: AnyRow = {
  name: 'tea',
  title: 'cups of tea',
  contestants: [],
  columns: [
    { key: 'cups', title: 'cups/s', better: 'higher', decimals: 0, target: 2 },
    { key: 'grams', title: 'g/cup', better: 'lower', decimals: 1, limit: 2.5 },
  ],
  round: () => Promise.resolve({}),
};

function result(contestant: string, cups: number, grams: number): Result {
  return { contestant, medians: { cups, grams }, spread: { cups: 0, grams: 0.2 }, rounds: [] };
}

test('a table compares ours with the best peer, with the release before, and with what is asked for', () => {
  const text = formatTable({
    row,
    ours: result('ours', 30, 2),
    peers: [result('coffee', 20, 8), result('water', 10, 4)],
    previous: result('previous', 15, 2),
    absent: ['cocoa (apt-get install cocoa)'],
  });
  assert.deepEqual(
    text.split('\n').map((line) => line.trim().split(/ {2,}/)),
    [
      ['tea: cups of tea'],
      ['cups/s', 'g/cup'],
      ['ours', '30', '2.0 ±10%'],
      ['coffee', '20', '8.0 ±10%'],
      ['water', '10', '4.0 ±10%'],
      ['previous', '15', '2.0 ±10%'],
      ['ours / best peer', '1.50 x (missed: 2 x)', '0.50 x'],
      ['ours / previous', '2.00 x', '1.00 x'],
      ['asked for', 'reached: 2.5'],
      ['left out: cocoa (apt-get install cocoa)'],
      [''],
    ],
  );
});
