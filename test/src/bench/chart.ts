import type { Column } from './row.ts';
import type { Result, RowResult } from './run-row.ts';
import { bestResult } from './statistics.ts';
import { type Verdict, verdicts } from './verdict.ts';

const WIDTH = 900;
const MARGIN = 16;
/** Where the bars begin. */
const BARS_LEFT = 190;
const FIGURES_WIDTH = 270;
const BAR_HEIGHT = 14;
const BAR_STEP = 22;
const TITLE_STEP = 24;
const ROW_GAP = 8;
const LEGEND_STEP = 170;
const TOP = 92;
/** Longer bars are cut; their figure says how long they were. */
const LARGEST_FACTOR = 6;
const UNIT = (WIDTH - BARS_LEFT - FIGURES_WIDTH) / LARGEST_FACTOR;

const GOOD = '#5a3fd6';
const BAD = '#b0442c';
const UNSURE = '#8a8f98';
const WISH = '#1b1b1f';

interface Bar {
  readonly label: string;
  /** How many times better than the peer: above 1 is better, whatever is better in that column. */
  readonly factor: number;
  /** The factor, our figure, and that of the peer with its name. */
  readonly text: string;
  readonly colour: string;
  /** The factor that is asked for. */
  readonly wanted?: number;
}

/** A picture of how ours compares with its peers: what is asked for in each row, or else its first figure. */
export function chart(results: readonly RowResult[]): string {
  let y = TOP;
  const parts: string[] = [];
  for (const result of results) {
    const bars = barsOf(result);
    if (bars.length === 0) continue;
    parts.push(`<text x="${MARGIN}" y="${y}" font-weight="600">${escape(result.row.title)}</text>`);
    for (const [index, bar] of bars.entries()) parts.push(draw(bar, y + 8 + index * BAR_STEP));
    y += TITLE_STEP + bars.length * BAR_STEP + ROW_GAP;
  }
  const one = BARS_LEFT + UNIT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Ours beside the best peer">
<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>
<text x="${MARGIN}" y="28" font-size="16" font-weight="600">Emperor beside the best of uWSGI, gunicorn and nginx: how many times better</text>
${legend()}
<line x1="${one}" y1="66" x2="${one}" y2="${y - ROW_GAP}" stroke="#888888" stroke-dasharray="4 3"/>
${parts.join('\n')}
</svg>
`;
}

function legend(): string {
  const entries = [
    [GOOD, 'reached, or better'],
    [BAD, 'missed, or worse'],
    [UNSURE, 'too close to tell'],
  ] as const;
  const parts = entries.map(
    ([colour, text], index) =>
      `<rect x="${MARGIN + index * LEGEND_STEP}" y="42" width="12" height="12" rx="3" fill="${colour}"/><text x="${MARGIN + 18 + index * LEGEND_STEP}" y="52">${text}</text>`,
  );
  const last = MARGIN + entries.length * LEGEND_STEP;
  return `${parts.join('\n')}
<line x1="${last + 6}" y1="39" x2="${last + 6}" y2="57" stroke="${WISH}" stroke-width="2"/><text x="${last + 18}" y="52">what is asked for</text>`;
}

function draw({ label, factor, text, colour, wanted }: Bar, y: number): string {
  const length = lengthOf(factor);
  const baseline = y + BAR_HEIGHT - 3;
  return `<text x="${BARS_LEFT - 8}" y="${baseline}" text-anchor="end">${escape(label)}</text>
<rect x="${BARS_LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="3" fill="${colour}"/>${wanted === undefined ? '' : `\n${tick(wanted, y)}`}
<text x="${(BARS_LEFT + Math.max(length, lengthOf(wanted ?? 0)) + 6).toFixed(1)}" y="${baseline}">${escape(text)}</text>`;
}

/** Where the bar should reach. */
function tick(wanted: number, y: number): string {
  const x = (BARS_LEFT + lengthOf(wanted)).toFixed(1);
  return `<line x1="${x}" y1="${y - 3}" x2="${x}" y2="${y + BAR_HEIGHT + 3}" stroke="${WISH}" stroke-width="2"/>`;
}

function lengthOf(factor: number): number {
  return Math.min(LARGEST_FACTOR, factor) * UNIT;
}

/** A bar for everything that is asked for beside a peer; where nothing is, one for the first figure beside the best. */
function barsOf(result: RowResult): Bar[] {
  const asked = verdicts(result).filter(({ ask }) => ask.of !== undefined && ask.isGoal !== true);
  if (asked.length > 0) return asked.flatMap((verdict) => askedBar(verdict, result));
  const [column] = result.row.columns;
  const peer = column === undefined ? undefined : bestResult(column, result.peers);
  if (column === undefined || peer === undefined) return [];
  const bar = barOf(column, result.ours, peer);
  return isDrawable(bar.factor) ? [{ ...bar, colour: bar.factor >= 1 ? GOOD : BAD }] : [];
}

function askedBar({ column, ask, outcome, peer: name }: Verdict, { ours, peers }: RowResult): Bar[] {
  const peer = peers.find(({ contestant }) => contestant === name);
  if (peer === undefined || outcome === 'not measured') return [];
  const bar = barOf(column, ours, peer);
  const colour = { reached: GOOD, missed: BAD, 'too close to tell': UNSURE }[outcome];
  return isDrawable(bar.factor) ? [{ ...bar, colour, wanted: asFactor(column, ask.wanted) }] : [];
}

function barOf(column: Column, ours: Result, peer: Result): Omit<Bar, 'colour'> {
  const factor = asFactor(column, (ours.medians[column.key] ?? Number.NaN) / (peer.medians[column.key] ?? Number.NaN));
  const figures = `${format(column, ours)}, ${peer.contestant} ${format(column, peer)}`;
  return { label: column.title, factor, text: `${factor.toFixed(2)} x: ${figures}` };
}

/** Half the time is twice as good. */
function asFactor({ better }: Column, ratio: number): number {
  return better === 'higher' ? ratio : 1 / ratio;
}

function isDrawable(factor: number): boolean {
  return factor > 0 && Number.isFinite(factor);
}

function format({ key, decimals }: Column, { medians }: Result): string {
  return (medians[key] ?? Number.NaN).toLocaleString('en', { maximumFractionDigits: decimals });
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
