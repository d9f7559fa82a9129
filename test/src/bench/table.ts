import type { Column } from './row.ts';
import type { RowResult } from './run-row.ts';
import { ratio } from './statistics.ts';

/** A row's results as text: a line for each contestant, and how ours compares with the best peer. */
export function formatTable({ row, results, absent }: RowResult): string {
  const [ours, ...peers] = results;
  const cells = [
    ['', ...row.columns.map((column) => column.title)],
    ...results.map(({ contestant, medians, spread }) => [
      contestant,
      ...row.columns.map((column) => formatFigure(column, medians[column.key], spread[column.key])),
    ]),
    [
      'ours / best peer',
      ...row.columns.map((column) =>
        formatRatio(
          column,
          ours &&
            ratio(
              column,
              ours.medians,
              peers.map((peer) => peer.medians),
            ),
        ),
      ),
    ],
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
  if (column.target === undefined) return text;
  const reached = column.better === 'higher' ? value >= column.target : value <= column.target;
  return `${text} (${reached ? 'reached' : 'missed'}: ${column.target} x)`;
}
