import type { Column } from './row.ts';
import type { Result, RowResult } from './run-row.ts';
import { bestResult, ratio } from './statistics.ts';

const WIDTH = 860;
const MARGIN = 16;
/** Where the bars begin. */
const BARS_LEFT = 190;
const FIGURES_WIDTH = 210;
const BAR_HEIGHT = 14;
const BAR_STEP = 22;
const TITLE_STEP = 24;
const ROW_GAP = 8;
const TOP = 64;
/** Longer bars are cut; their figure says how long they were. */
const LARGEST_FACTOR = 6;
const UNIT = (WIDTH - BARS_LEFT - FIGURES_WIDTH) / LARGEST_FACTOR;

const BETTER = '#5a3fd6';
const WORSE = '#b06a2c';

interface Bar {
  readonly label: string;
  /** How many times better than the best peer: above 1 is better, whatever is better in that column. */
  readonly factor: number;
  /** The factor, our figure, and that of the best peer with its name. */
  readonly text: string;
}

/** A picture of how ours compares with the best peer: what is asked for in each row, or else its first figure. */
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
<line x1="${one}" y1="40" x2="${one}" y2="${y - ROW_GAP}" stroke="#888888" stroke-dasharray="4 3"/>
${parts.join('\n')}
</svg>
`;
}

function draw({ label, factor, text }: Bar, y: number): string {
  const length = Math.min(LARGEST_FACTOR, factor) * UNIT;
  const baseline = y + BAR_HEIGHT - 3;
  return `<text x="${BARS_LEFT - 8}" y="${baseline}" text-anchor="end">${escape(label)}</text>
<rect x="${BARS_LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="3" fill="${factor >= 1 ? BETTER : WORSE}"/>
<text x="${(BARS_LEFT + length + 6).toFixed(1)}" y="${baseline}">${escape(text)}</text>`;
}

function barsOf(result: RowResult): Bar[] {
  const { columns } = result.row;
  const asked = columns.filter(({ asks = [] }) => asks.some(({ of }) => of !== undefined));
  return (asked.length === 0 ? columns.slice(0, 1) : asked).flatMap((column) => barOf(column, result));
}

function barOf(column: Column, { ours, peers }: RowResult): Bar[] {
  const peer = bestResult(column, peers);
  const value = ratio(column, ours, peers);
  if (peer === undefined || value === undefined || !(value > 0)) return [];
  const factor = column.better === 'higher' ? value : 1 / value;
  const figures = `${format(column, ours)}, ${peer.contestant} ${format(column, peer)}`;
  return [{ label: column.title, factor, text: `${factor.toFixed(2)} x: ${figures}` }];
}

function format({ key, decimals }: Column, { medians }: Result): string {
  return (medians[key] ?? Number.NaN).toLocaleString('en', { maximumFractionDigits: decimals });
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
