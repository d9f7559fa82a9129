import type { RowResult } from './run-row.ts';
import { type Outcome, sentence, type Verdict, verdicts } from './verdict.ts';

/** Worst news last: that is where the eye is when a run ends. */
const SHOWN: readonly Outcome[] = ['not measured', 'too close to tell', 'missed'];

/** What a whole run says about everything that is asked for: what is not reached in sentences, the rest as a number. */
export function formatSummary(results: readonly RowResult[], failedRows: readonly string[]): string {
  const all = results.flatMap((result) => verdicts(result));
  const lines = SHOWN.flatMap((outcome) => listed(outcome, all));
  const count = (outcome: Outcome): number => all.filter((each) => each.outcome === outcome).length;
  const counts = (['reached', ...SHOWN] as const).map((outcome) => `${count(outcome)} ${outcome}`).join(', ');
  const missed = new Set(all.filter(({ outcome }) => outcome === 'missed').map(({ row }) => row));
  return [
    ...lines,
    `${all.length} things are asked for: ${counts}.`,
    `Missed in: ${missed.size === 0 ? 'no row' : [...missed].join(', ')}.`,
    ...(failedRows.length === 0 ? [] : [`Not measured, because it failed: ${failedRows.join(', ')}.`]),
    '',
  ].join('\n');
}

function listed(outcome: Outcome, all: readonly Verdict[]): string[] {
  const those = all.filter((each) => each.outcome === outcome);
  if (those.length === 0) return [];
  return [`${outcome}:`, ...those.map((each) => `  ${each.row}, ${sentence(each)}`)];
}
