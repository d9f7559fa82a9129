import type { AnyRow, Column } from './row.ts';
import type { Result, RowResult } from './run-row.ts';
import { ratio } from './statistics.ts';

/** A row's results as text: a line for each contestant, and how ours compares with the best peer and with what it was. */
export function formatTable({ row, ours, peers, previous, absent }: RowResult): string {
  const former = previous === undefined ? [] : [previous];
  const cells = [
    ['', ...row.columns.map((column) => column.title)],
    ...[ours, ...peers, ...former].map((result) => figuresOf(row, result)),
    comparison('ours / best peer', row, ours, peers),
    ...former.map((result) => comparison('ours / previous', withoutTargets(row), ours, [result])),
    ...limitsOf(row, ours),
  ];
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  '),
  );
  const missing = absent.map((who) => `left out: ${who}`);
  return [`${row.name}: ${row.title}`, ...lines, ...missing, ''].join('\n');
}

function figuresOf(row: AnyRow, { contestant, medians, spread }: Result): string[] {
  const figures = row.columns.map((column) => formatFigure(column, medians[column.key], spread[column.key]));
  return [contestant, ...figures];
}

function comparison(title: string, row: AnyRow, ours: Result, others: readonly Result[]): string[] {
  const medians = others.map((other) => other.medians);
  return [title, ...row.columns.map((column) => formatRatio(column, ratio(column, ours.medians, medians)))];
}

/** What is asked for is about peers. */
function withoutTargets(row: AnyRow): AnyRow {
  return { ...row, columns: row.columns.map(({ key, title, better, decimals }) => ({ key, title, better, decimals })) };
}

/** A line about the figures that are asked for whatever the peers do, where the row has such. */
function limitsOf(row: AnyRow, { medians }: Result): string[][] {
  if (row.columns.every(({ limit }) => limit === undefined)) return [];
  const cells = row.columns.map((column) => {
    if (column.limit === undefined) return '';
    return `${judge(column, medians[column.key] ?? Number.NaN, column.limit)}: ${column.limit}`;
  });
  return [['asked for', ...cells]];
}

function formatFigure(column: Column, value: number = Number.NaN, spread: number = 0): string {
  const text = value.toLocaleString('en', {
    minimumFractionDigits: column.decimals,
    maximumFractionDigits: column.decimals,
  });
  return spread === 0 ? text : `${text} ±${Math.round(spread * 50)}%`;
}

function formatRatio(column: Column, value: number | undefined): string {
  if (value === undefined) return '-';
  const text = `${value.toFixed(2)} x`;
  return column.target === undefined ? text : `${text} (${judge(column, value, column.target)}: ${column.target} x)`;
}

function judge({ better }: Column, value: number, wanted: number): string {
  return (better === 'higher' ? value >= wanted : value <= wanted) ? 'reached' : 'missed';
}
