import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatTable } from './table.ts';
import { tea } from './testing/tea.ts';

test('a table compares ours with the best peer and the release before, and says what came of everything that is asked for', () => {
  assert.deepEqual(
    formatTable(tea)
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
    [
      ['tea: tea & <cakes>'],
      ['cups/s', 'g/cup', 'ml spilt'],
      ['ours', '30 ±7%', '2.5 ±20%', '1'],
      ['coffee', '20', '8.0', '1'],
      ['water', '14 ±29%', '4.0', '1'],
      ['previous', '15', '2.0', '1'],
      ['nobody', '90', '0.0', '1'],
      ['ours / best peer', '1.50 x', '0.63 x', '1.00 x'],
      ['ours / previous', '2.00 x', '1.25 x', '1.00 x'],
      ['- cups/s: 1.50 x coffee (1.40 to 1.60 in single rounds), at least 2 x is asked for: missed'],
      ['- cups/s: 1.50 x coffee (1.40 to 1.60 in single rounds), at least 1 x is the goal beyond: reached'],
      ['- cups/s: 2.14 x water (1.78 to 2.80 in single rounds), at least 2 x is asked for: too close to tell'],
      ['- cups/s: beside cocoa, at least 1 x: not measured'],
      ['- g/cup: 2.5 (2.0 to 3.0 in single rounds), at most 2.5 is asked for: too close to tell'],
      ['left out: cocoa (apt-get install cocoa)'],
      [''],
    ],
  );
});
