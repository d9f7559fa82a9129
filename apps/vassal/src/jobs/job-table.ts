import type { JobRow } from './job-queue.ts';

const HEAD = ['STATE', 'TRIES', 'AGE', 'DUE IN', 'PRIORITY', 'BYTES', 'NAME'];
/** Values that are longer are cut. */
const SHOWN_BYTES = 2000;

/** The jobs as a table, with the reason below each that failed. @param now Unix time in seconds */
export function jobTable(rows: readonly JobRow[], now: number): string {
  if (rows.length === 0) return 'no jobs\n';
  const cells = rows.map((row) => [
    row.state,
    String(row.attempts),
    duration(now - row.spooled),
    row.state === 'waiting' && row.due > now ? duration(row.due - now) : '-',
    row.priority === undefined ? '-' : String(row.priority),
    String(row.bytes),
    row.name,
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = [line(HEAD)];
  for (const [index, row] of rows.entries()) {
    lines.push(line(cells[index] ?? []));
    if (row.reason !== undefined) lines.push(`    ${row.reason}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Keys and values of one job. */
export function contentText(name: string, vars: ReadonlyMap<string, Buffer>, body: Buffer | undefined): string {
  const pairs = Array.from(vars, ([key, value]) => `  ${key} = ${shown(value)}`);
  if (body !== undefined) pairs.push(`  body = ${shown(body)}`);
  return `${[name, ...pairs].join('\n')}\n`;
}

function shown(value: Buffer): string {
  const text = JSON.stringify(value.toString('utf8', 0, SHOWN_BYTES));
  return value.length > SHOWN_BYTES ? `${text} … (${value.length} bytes)` : text;
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7200) return `${Math.floor(whole / 60)}m`;
  return `${Math.floor(whole / 3600)}h`;
}
