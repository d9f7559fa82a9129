import type { AnyRow, Column } from './row.ts';
import type { Result, RowResult } from './run-row.ts';
import { ratio } from './statistics.ts';
import { sentence, verdicts } from './verdict.ts';

/**
 * A row's results as text: a line for each contestant, how ours compares with the best peer and with what it was, and a sentence for
 * everything that is asked for.
 */
export function formatTable(result: RowResult): string {
  const { row, ours, peers, gauges, previous, absent } = result;
  const former = previous === undefined ? [] : [previous];
  const cells = [
    ['', ...row.columns.map((column) => column.title)],
    ...[ours, ...peers, ...former, ...gauges].map((each) => figuresOf(row, each)),
    comparison('ours / best peer', row, ours, peers),
    ...former.map((each) => comparison('ours / previous', row, ours, [each])),
  ];
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  '),
  );
  const asked = verdicts(result).map((each) => `- ${sentence(each)}`);
  const missing = absent.map((who) => `left out: ${who}`);
  return [`${row.name}: ${row.title}`, ...lines, ...asked, ...missing, ''].join('\n');
}

function figuresOf(row: AnyRow, { contestant, medians, spread }: Result): string[] {
  const figures = row.columns.map((column) => formatFigure(column, medians[column.key], spread[column.key]));
  return [contestant, ...figures];
}

function comparison(title: string, row: AnyRow, ours: Result, others: readonly Result[]): string[] {
  return [title, ...row.columns.map((column) => formatRatio(ratio(column, ours, others)))];
}

function formatFigure({ decimals }: Column, value: number | undefined, spread: number = 0): string {
  if (value === undefined) return '-';
  const text = value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return spread === 0 ? text : `${text} ±${Math.round(spread * 50)}%`;
}

function formatRatio(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(2)} x`;
}
