import { until } from '@emperor/dashboard/format';
import { type Health, healthOf, unwellFirst } from '@emperor/dashboard/health';

import { harmless } from '../vassal/harmless.ts';
import type { EmperorStatus } from './admin-api.ts';
import { type Column, columnsFor } from './status-columns.ts';
import { shortNames } from './short-names.ts';
import type { VassalRow } from './status.ts';

/** Of a terminal that nobody made wider. */
const WIDTH = 80;

const NO_VASSAL = `No vassal: no file matches what the emperor watches. Put an ini file there, and it is started; what is
watched says the option --glob or --emperor that the emperor was started with.
`;

/** Whom the table is for. */
export interface TerminalStyle {
  /** Of the terminal, in columns: a wide one gets more of them. */
  readonly width?: number | undefined;
  readonly isColoured?: boolean;
}

/** SGR parameters (ECMA-48): what is well needs no colour. */
const COLOURS: Readonly<Record<Health, string>> = { ill: '31', between: '33', resting: '2', well: '' };

/**
 * One row per vassal, the unwell first, each with its reason below it; behind them what cannot be a vassal.
 * @param now Unix time in milliseconds
 */
export function statusTable(
  { vassals, problems = [] }: EmperorStatus,
  now: number,
  { width = WIDTH, isColoured = false }: TerminalStyle = {},
): string {
  const shownWidth = Math.max(WIDTH, width);
  const table = vassals.length === 0 ? NO_VASSAL : vassalsTable(vassals, now, shownWidth, isColoured);
  return table + problems.map((sentence) => `${cut(`! ${harmless(sentence)}`, shownWidth)}\n`).join('');
}

function vassalsTable(vassals: readonly VassalRow[], now: number, shownWidth: number, isColoured: boolean): string {
  const columns = columnsFor(shownWidth);
  const nameWidth = shownWidth - columns.reduce((sum, column) => sum + column.width, 0);
  const names = shortNames(
    vassals.map(({ name }) => harmless(name)),
    nameWidth - 1,
  );
  const shown = vassals.map((vassal, index) => ({ vassal, name: names[index] ?? '' }));
  const lines = [
    'VASSAL'.padEnd(nameWidth) +
      cellsText(
        columns,
        columns.map(({ title }) => title),
      ),
  ];
  for (const { vassal, name } of shown.toSorted((one, other) => unwellFirst(one.vassal, other.vassal))) {
    const cells = columns.map(({ text }) => text(vassal, now) ?? '-');
    const rows = [name.padEnd(nameWidth) + cellsText(columns, cells), ...reasonLines(vassal, now)];
    const colour = isColoured ? COLOURS[healthOf(vassal)] : '';
    lines.push(...rows.map((line) => painted(cut(line, shownWidth), colour)));
  }
  return `${lines.join('\n')}\n`;
}

function cellsText(columns: readonly Column[], cells: readonly string[]): string {
  return columns
    .map(({ width }, index) => cut(cells[index] ?? '', width - 1).padEnd(width))
    .join('')
    .trimEnd();
}

function reasonLines(vassal: VassalRow, now: number): string[] {
  const { reason, nextTry, state, lastError } = vassal;
  if (reason === undefined || state === 'waiting' || state === 'stopped') return complaintLines(vassal);
  const next = nextTry === undefined ? '' : `; next try in ${until(nextTry, now)}`;
  return [`  ${reason}${next}`, ...(lastError === undefined ? [] : [`  | ${harmless(lastError)}`])];
}

/** Of one that is up, what somebody should know all the same. */
function complaintLines({ figures, pid, answering, state }: VassalRow): string[] {
  if (figures !== undefined && pid !== undefined && !answering && state !== 'starting') {
    return ['  it does not answer on its control socket: the figures are its last ones'];
  }
  const recent = figures?.recent;
  if (recent === undefined || recent.errors === 0) return [];
  return [`  ${recent.errors} of its answers were 5xx in the last ${Math.round(recent.seconds)} s`];
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function painted(text: string, colour: string): string {
  return colour === '' ? text : `\u001B[${colour}m${text}\u001B[0m`;
}
