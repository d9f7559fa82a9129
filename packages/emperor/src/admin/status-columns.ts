import { ago, latencyText, memoryText, rateText, reloadText, workersText } from '@emperor/dashboard/format';

import type { VassalRow } from './status.ts';

/** A column of the table beside the name. */
export interface Column {
  readonly title: string;
  /** With the blank behind it. */
  readonly width: number;
  /** As wide a terminal must be for it. */
  readonly from: number;
  /** @param now Unix time in milliseconds */
  readonly text: (vassal: VassalRow, now: number) => string | undefined;
}

/** What fits an ordinary terminal, what a large one has room for beside that, and everything. */
const [ORDINARY, LARGE, WIDE] = [80, 120, 170];

const ALL: readonly Column[] = [
  { title: 'STATE', width: 10, from: ORDINARY, text: ({ state }) => state },
  { title: 'SINCE', width: 6, from: ORDINARY, text: ({ since }, now) => ago(since, now) },
  { title: 'UP', width: 6, from: LARGE, text: ({ upSince }, now) => upSince && ago(upSince, now) },
  { title: 'PID', width: 8, from: ORDINARY, text: ({ pid }) => pid?.toString() },
  {
    title: 'BUSY',
    width: 6,
    from: ORDINARY,
    text: ({ figures }) => figures && `${figures.workers.busy}/${figures.workers.total}`,
  },
  { title: 'B/IDLE/MAX', width: 11, from: LARGE, text: ({ figures }) => figures && workersText(figures.workers) },
  { title: 'QUEUE', width: 6, from: LARGE, text: ({ figures }) => figures?.queueDepth.toString() },
  {
    title: 'REQ/S',
    width: 6,
    from: ORDINARY,
    text: ({ figures }) => figures?.recent && rateText(figures.recent.requestsPerSecond),
  },
  { title: 'P50', width: 7, from: LARGE, text: ({ figures }) => latencyText(figures?.recent?.p50Ms) },
  { title: 'P95', width: 7, from: ORDINARY, text: ({ figures }) => latencyText(figures?.recent?.p95Ms) },
  { title: 'P99', width: 7, from: LARGE, text: ({ figures }) => latencyText(figures?.recent?.p99Ms) },
  { title: '5XX', width: 5, from: LARGE, text: ({ figures }) => figures?.recent?.errors.toString() },
  { title: 'MEMORY', width: 10, from: ORDINARY, text: memoryOf },
  { title: 'RESTARTS', width: 9, from: ORDINARY, text: ({ launches }) => String(Math.max(0, launches - 1)) },
  {
    title: ' LAST RELOAD',
    width: 28,
    from: WIDE,
    text: ({ figures }, now) => figures?.lastReload && ` ${reloadText(figures.lastReload, now)}`,
  },
  { title: 'ADDRESSES', width: 30, from: WIDE, text: ({ figures }) => figures?.addresses.join(' ') },
];

/** Those a terminal has room for; where busy, idle and all workers are told, busy ones need no column of their own. */
export function columnsFor(width: number): readonly Column[] {
  const fitting = ALL.filter(({ from }) => from <= width);
  return width < LARGE ? fitting : fitting.filter(({ title }) => title !== 'BUSY');
}

function memoryOf({ figures, memoryLimitBytes }: VassalRow): string | undefined {
  const bytes = figures?.memory?.privateBytes;
  return bytes === undefined ? undefined : memoryText(bytes, memoryLimitBytes);
}
