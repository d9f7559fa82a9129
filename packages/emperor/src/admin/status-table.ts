import type { EmperorStatus } from './admin-server.ts';
import type { VassalStatus } from './status.ts';

/** Of a terminal that nobody made wider. */
const WIDTH = 80;

const HEADINGS = ['STATE', 'SINCE', 'PID', 'BUSY', 'REQUESTS', 'RESTARTS'] as const;
const WIDTHS = [9, 6, 8, 6, 9, 9] as const;
const NAME_WIDTH = WIDTH - WIDTHS.reduce((sum, width) => sum + width, 0);

/** One row per vassal, the unwell first, each with its reason below it. `now` is Unix time in milliseconds. */
export function statusTable({ vassals }: EmperorStatus, now: number): string {
  if (vassals.length === 0) return 'No vassal: no file matches what the emperor watches.\n';
  const lines = [row('VASSAL', HEADINGS)];
  for (const vassal of vassals.toSorted(unwellFirst)) {
    lines.push(row(vassal.name, cells(vassal, now)), ...reasonLines(vassal, now));
  }
  return `${lines.join('\n')}\n`;
}

/** Everything about one vassal. */
export function statusPage(vassal: VassalStatus, now: number): string {
  const { figures } = vassal;
  const facts: [string, string | undefined][] = [
    ['state', `${vassal.state}, for ${ago(vassal.since, now)}`],
    ['reason', vassal.reason],
    ['next try', vassal.nextTry === undefined ? undefined : `in ${until(vassal.nextTry, now)}`],
    ['file', vassal.path],
    ['pid', vassal.pid === undefined ? undefined : String(vassal.pid)],
    ['starts', String(vassal.launches)],
    ['last exit', vassal.lastExit],
    ['addresses', figures?.addresses.join(' ')],
    ['workers', figures && `${figures.workers.busy} of ${figures.workers.total} busy, ${figures.queueDepth} waiting`],
    ['requests', figures && `${figures.requests}, ${figures.responses['5xx'] ?? 0} of them answered with 5xx`],
    ['answering', vassal.pid === undefined || vassal.answering ? undefined : 'no: it does not tell how it is'],
  ];
  const known = facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
  const lines = vassal.lastLines.slice(-PAGE_LINES).map((line) => `  ${line}`);
  return [
    vassal.name,
    ...known.map(([what, text]) => `  ${what.padEnd(11)}${text}`),
    ...(lines.length === 0 ? [] : ['', 'Last lines:', ...lines]),
    '',
  ].join('\n');
}

/** Of output, on the page of one vassal. */
const PAGE_LINES = 20;

function isWell({ state, failing }: VassalStatus): boolean {
  return !failing && state !== 'cursed' && state !== 'exiled' && state !== 'invalid';
}

function unwellFirst(one: VassalStatus, other: VassalStatus): number {
  return Number(isWell(one)) - Number(isWell(other)) || compare(one.name, other.name);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function row(name: string, rest: readonly string[]): string {
  const shown = name.length < NAME_WIDTH ? name : `…${name.slice(name.length - NAME_WIDTH + 2)}`;
  return (
    shown.padEnd(NAME_WIDTH) +
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
    figures === undefined ? '-' : String(figures.requests),
    String(Math.max(0, launches - 1)),
  ];
}

function reasonLines(vassal: VassalStatus, now: number): string[] {
  const { reason, nextTry, state, failures } = vassal;
  if (reason === undefined || state === 'waiting' || state === 'stopped') return [];
  const next = nextTry === undefined ? '' : `; next try in ${until(nextTry, now)}`;
  const last = failures > 0 ? vassal.lastLines.slice(-1).map((line) => cut(`  | ${line}`)) : [];
  return [cut(`  ${reason}${next}`), ...last];
}

function cut(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`;
}

function ago(time: string, now: number): string {
  return duration(now - Date.parse(time));
}

function until(time: string, now: number): string {
  return duration(Date.parse(time) - now);
}

/** The largest unit is enough to see how things are: `12s`, `5m`, `3h`, `2d`. */
function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
