import type { RowResult } from './run-row.ts';
import { ratio } from './statistics.ts';

const WIDTH = 860;
const LABEL_WIDTH = 430;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 30;
const TOP = 56;
/** Longer bars are cut, and say so by their figure. */
const LARGEST_RATIO = 6;
const LONGEST_LABEL = 66;

interface Bar {
  readonly label: string;
  /** How many times better than the best peer: above 1 is better, whatever is better in that column. */
  readonly factor: number;
  readonly text: string;
}

/** A picture of how ours compares with the best peer in the first column of each row. */
export function chart(results: readonly RowResult[]): string {
  const bars = results.flatMap(barOf);
  const height = TOP + bars.length * ROW_HEIGHT + 16;
  const unit = (WIDTH - LABEL_WIDTH - 70) / LARGEST_RATIO;
  const one = LABEL_WIDTH + unit;
  const rows = bars.map(({ label, factor, text }, index) => {
    const y = TOP + index * ROW_HEIGHT;
    const length = Math.min(LARGEST_RATIO, factor) * unit;
    const color = factor >= 1 ? '#5a3fd6' : '#b06a2c';
    return `  <text x="${LABEL_WIDTH - 10}" y="${y + 13}" text-anchor="end">${escape(label)}</text>
  <rect x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="3" fill="${color}"/>
  <text x="${(LABEL_WIDTH + length + 6).toFixed(1)}" y="${y + 13}">${escape(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Ours beside the best peer">
  <rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
  <text x="16" y="26" font-size="16" font-weight="600">Emperor beside the best peer present (1 x: as good; longer is better)</text>
  <line x1="${one}" y1="${TOP - 12}" x2="${one}" y2="${height - 8}" stroke="#888888" stroke-dasharray="4 3"/>
${rows.join('\n')}
</svg>
`;
}

function barOf({ row, ours, peers }: RowResult): Bar[] {
  const [column] = row.columns;
  if (column === undefined) return [];
  const medians = peers.map((peer) => peer.medians);
  const value = ratio(column, ours.medians, medians);
  if (value === undefined || !(value > 0)) return [];
  const factor = column.better === 'higher' ? value : 1 / value;
  const label = `${row.title} · ${column.title}`;
  const shown = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
  return [{ label: shown, factor, text: `${factor.toFixed(1)} x` }];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
