import assert from 'node:assert/strict';
import { test } from 'node:test';

import { always, figure } from './asks.ts';
import { formatSummary } from './summary.ts';
import { tea } from './testing/tea.ts';
import { type Outcome, verdicts } from './verdict.ts';

/** What comes of one ask when the rounds of ours bring these figures, of which fewer are better. */
function outcome(rounds: readonly number[], ask: ReturnType<typeof figure>): Outcome | undefined {
  const row = {
    ...tea.row,
    columns: [{ key: 'a', title: 'a', better: 'lower', decimals: 0, asks: [ask] } as const],
  };
  const ours = {
    ...tea.ours,
    medians: rounds[0] === undefined ? {} : { a: rounds[0] },
    rounds: rounds.map((a) => ({ a })),
  };
  return verdicts({ ...tea, row, ours })[0]?.outcome;
}

test('a verdict is reached or missed when all rounds say so', () => {
  assert.equal(outcome([8, 9, 10], figure(10)), 'reached');
  assert.equal(outcome([11, 12], figure(10)), 'missed');
  assert.equal(outcome([9, 11], figure(10)), 'too close to tell');
  assert.equal(outcome([], figure(10)), 'not measured');
});

test('what is asked of every round is missed in one', () => {
  assert.equal(outcome([0, 0, 1], always(0)), 'missed');
  assert.equal(outcome([0, 0, 0], always(0)), 'reached');
});

test('a summary names what was not reached, and the rows that were missed', () => {
  const lines = formatSummary([tea], ['coffee']).trimEnd().split('\n');
  assert.deepEqual(lines.slice(-3), [
    '5 things are asked for: 1 reached, 1 not measured, 2 too close to tell, 1 missed.',
    'Missed in: tea.',
    'Not measured, because it failed: coffee.',
  ]);
  assert.ok(lines.includes('missed:'));
  assert.equal(
    lines[lines.indexOf('missed:') + 1],
    '  tea, cups/s: 1.50 x coffee (1.40 to 1.60 in single rounds), at least 2 x is asked for: missed',
  );
});
