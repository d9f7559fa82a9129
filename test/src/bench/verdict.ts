import { type AnyRow, type Ask, BEST_PEER, type Column } from './row.ts';
import type { Result, RowResult } from './run-row.ts';
import { bestResult } from './statistics.ts';

/** `too close to tell`: some rounds reach it, others do not. `not measured`: the peer is missing, or the figure. */
export type Outcome = 'reached' | 'missed' | 'too close to tell' | 'not measured';

/** What came of one thing that is asked for. */
export interface Verdict {
  readonly row: string;
  readonly column: Column;
  readonly ask: Ask;
  readonly outcome: Outcome;
  /** With whom ours is compared, where it is. */
  readonly peer?: string;
  /** The figure that is judged, of all rounds (their medians): a factor where there is a peer. */
  readonly value: number;
  /** The same of each round by itself, the lowest and the highest: rounds are side by side, so what the machine did in one is in both figures. */
  readonly range: readonly [low: number, high: number];
}

/** Judges everything that a row is asked for, column by column. */
export function verdicts(result: RowResult): Verdict[] {
  return result.row.columns.flatMap((column) => (column.asks ?? []).map((ask) => verdict(result, column, ask)));
}

function verdict({ row, ours, peers }: RowResult, column: Column, ask: Ask): Verdict {
  if (ask.of === undefined) return judged(row, column, ask, figureOf(ours, column), roundsOf(ours, column));
  const peer = ask.of === BEST_PEER ? bestResult(column, peers) : peers.find(({ contestant }) => contestant === ask.of);
  if (peer === undefined) return judged(row, column, ask, Number.NaN, []);
  const theirs = roundsOf(peer, column);
  const factors = roundsOf(ours, column).map((value, index) => value / (theirs[index] ?? Number.NaN));
  const value = figureOf(ours, column) / figureOf(peer, column);
  return { ...judged(row, column, ask, value, factors), peer: peer.contestant };
}

function figureOf({ medians }: Result, { key }: Column): number {
  return medians[key] ?? Number.NaN;
}

function roundsOf({ rounds }: Result, { key }: Column): number[] {
  return rounds.map((round) => round[key] ?? Number.NaN);
}

function judged(row: AnyRow, column: Column, ask: Ask, value: number, rounds: readonly number[]): Verdict {
  const range = [Math.min(value, ...rounds), Math.max(value, ...rounds)] as const;
  return { row: row.name, column, ask, value, range, outcome: outcomeOf(column, ask, range) };
}

function outcomeOf({ better }: Column, { wanted, inEveryRound }: Ask, [low, high]: Verdict['range']): Outcome {
  if (Number.isNaN(low)) return 'not measured';
  const [worst, best] = better === 'higher' ? [low, high] : [high, low];
  const isReached = (value: number): boolean => (better === 'higher' ? value >= wanted : value <= wanted);
  if (isReached(worst)) return 'reached';
  return isReached(best) && inEveryRound !== true ? 'too close to tell' : 'missed';
}

/** As a sentence: `requests/s: 5.17 x uWSGI (4.90 to 5.40 in single rounds), at least 3.5 x is asked for: reached`. */
export function sentence({ column, ask, outcome, peer, value, range }: Verdict): string {
  const way = `${column.better === 'higher' ? 'at least' : 'at most'} ${ask.wanted}${ask.of === undefined ? '' : ' x'}`;
  const wish = `${way} is ${ask.isGoal === true ? 'the goal beyond' : 'asked for'}: ${outcome}`;
  if (outcome === 'not measured') return `${column.title}: ${whom(ask)}${way}: not measured`;
  const decimals = ask.of === undefined ? column.decimals : 2;
  const [low, high] = range.map((each) => each.toFixed(decimals));
  const rounds = low === high ? '' : ` (${low} to ${high} in single rounds)`;
  return `${column.title}: ${value.toFixed(decimals)}${peer === undefined ? '' : ` x ${peer}`}${rounds}, ${wish}`;
}

function whom({ of }: Ask): string {
  if (of === undefined) return '';
  return `beside ${typeof of === 'string' ? of : 'the best peer'}, `;
}
