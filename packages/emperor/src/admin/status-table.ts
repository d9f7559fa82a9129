import { ago, bytesText, latencyText, rateText, until } from '@emperor/dashboard/format';

import { harmless } from '../vassal/harmless.ts';
import type { EmperorStatus } from './admin-api.ts';
import type { VassalStatus } from './status.ts';

/** Of a terminal that nobody made wider. */
const WIDTH = 80;

const HEADINGS = ['STATE', 'SINCE', 'PID', 'BUSY', 'REQ/S', 'P95', 'MEMORY', 'RESTARTS'] as const;
const WIDTHS = [10, 6, 8, 6, 6, 7, 7, 8] as const;
const COLUMNS_WIDTH = WIDTHS.reduce<number>((sum, width) => sum + width, 0);

/**
 * One row per vassal, the unwell first, each with its reason below it.
 * @param now Unix time in milliseconds
 * @param width of the terminal, in columns
 */
export function statusTable({ vassals }: EmperorStatus, now: number, width: number = WIDTH): string {
  if (vassals.length === 0) return 'No vassal: no file matches what the emperor watches.\n';
  const shownWidth = Math.max(WIDTH, width);
  const nameWidth = shownWidth - COLUMNS_WIDTH;
  const lines = [row('VASSAL', HEADINGS, nameWidth)];
  for (const vassal of vassals.toSorted(unwellFirst)) {
    const below = reasonLines(vassal, now).map((line) => cut(line, shownWidth));
    lines.push(row(vassal.name, cells(vassal, now), nameWidth), ...below);
  }
  return `${lines.join('\n')}\n`;
}

function isWell({ state, failing }: VassalStatus): boolean {
  return !failing && state !== 'cursed' && state !== 'exiled' && state !== 'invalid';
}

function unwellFirst(one: VassalStatus, other: VassalStatus): number {
  return Number(isWell(one)) - Number(isWell(other)) || compare(one.name, other.name);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function row(name: string, rest: readonly string[], nameWidth: number): string {
  const shown = name.length < nameWidth ? name : `…${name.slice(name.length - nameWidth + 2)}`;
  return (
    shown.padEnd(nameWidth) +
    rest
      .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
      .join('')
      .trimEnd()
  );
}

function cells({ state, since, pid, figures, launches }: VassalStatus, now: number): string[] {
  return [
    state,
    ago(since, now),
    pid === undefined ? '-' : String(pid),
    figures === undefined ? '-' : `${figures.workers.busy}/${figures.workers.total}`,
    figures?.recent === undefined ? '-' : rateText(figures.recent.requestsPerSecond),
    latencyText(figures?.recent?.p95Ms),
    figures?.memory === undefined ? '-' : bytesText(figures.memory.privateBytes),
    String(Math.max(0, launches - 1)),
  ];
}

function reasonLines(vassal: VassalStatus, now: number): string[] {
  const { reason, nextTry, state, lastError } = vassal;
  if (reason === undefined || state === 'waiting' || state === 'stopped') return complaintLines(vassal);
  const next = nextTry === undefined ? '' : `; next try in ${until(nextTry, now)}`;
  return [`  ${reason}${next}`, ...(lastError === undefined ? [] : [`  | ${harmless(lastError)}`])];
}

/** Of one that is up, what somebody should know all the same. */
function complaintLines({ figures, pid, answering, state }: VassalStatus): string[] {
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
