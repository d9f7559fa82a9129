import type { Reload, Workers } from './api.ts';

/** Figures as short texts, the same in the terminal and in the browser. */

const MEGABYTE = 1024 * 1024;

/** `850K`, `24M`, `1.5G`. */
export function bytesText(bytes: number): string {
  if (bytes < MEGABYTE) return `${Math.round(bytes / 1024)}K`;
  const megabytes = bytes / MEGABYTE;
  return megabytes < 1000 ? `${Math.round(megabytes)}M` : `${(megabytes / 1024).toFixed(1)}G`;
}

/** `0`, `0.4`, `37`, `12k`. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 10) return perSecond.toFixed(1);
  return perSecond < 10_000 ? String(Math.round(perSecond)) : `${Math.round(perSecond / 1000)}k`;
}

/** `0.8ms`, `12ms`, `1.5s`; `-` when there was nothing to measure. */
export function latencyText(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return '-';
  if (milliseconds < 10) return `${milliseconds.toFixed(1)}ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)}ms` : `${(milliseconds / 1000).toFixed(1)}s`;
}

/** The largest unit is enough to see how things are: `12s`, `5m`, `3h`, `2d`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** How long since a time in ISO 8601. @param now Unix time in milliseconds */
export function ago(time: string, now: number): string {
  return durationText(now - Date.parse(time));
}

/** How long until a time in ISO 8601. @param now Unix time in milliseconds */
export function until(time: string, now: number): string {
  return durationText(Date.parse(time) - now);
}

/** `1/3/8`: busy, idle, and as many as there may be. */
export function workersText({ busy, idle, total, maximum = total }: Workers): string {
  return `${busy}/${idle}/${maximum}`;
}

/** `27M`, or `27M/256M` where there is a limit. */
export function memoryText(privateBytes: number, limitBytes: number | undefined): string {
  return bytesText(privateBytes) + (limitBytes === undefined ? '' : `/${bytesText(limitBytes)}`);
}

/** `5m ago, 340ms, 0 failed`. @param now Unix time in milliseconds */
export function reloadText({ at, outcome, tookMs, failed }: Reload, now: number): string {
  const ago = `${durationText(now - at)} ago`;
  if (outcome !== 'done') return `${ago}, ${outcome}`;
  return [ago, `${Math.round(tookMs)}ms`, ...(failed === undefined ? [] : [`${failed} failed`])].join(', ');
}

/** What happened to a vassal, on a page that has its name already. */
export function happeningText(message: string, vassal: string): string {
  return message
    .replace(/^\[emperor\] /, '')
    .replace(/^curse the uwsgi instance .* \(pid: \w+\): /, '')
    .replaceAll(`vassal ${vassal} `, '')
    .split(' ')
    .filter((word) => word !== vassal)
    .join(' ');
}

/** One process of a vassal, as it tells. */
export interface TreeProcess {
  readonly pid: number;
  readonly role: string;
  readonly parent: number;
  readonly privateBytes: number;
  readonly cpuSeconds: number;
}

/** A line for each process, indented below its parent. */
export function processTree(processes: readonly TreeProcess[]): string[] {
  const lines: string[] = [];
  const add = (process: TreeProcess, depth: number): void => {
    // A process that says it is its own ancestor is shown once.
    if (depth > processes.length) return;
    const { pid, role, privateBytes, cpuSeconds } = process;
    lines.push(`${'  '.repeat(depth)}${pid} ${role}  ${bytesText(privateBytes)}  ${cpuSeconds.toFixed(1)} s`);
    for (const child of processes) if (child.parent === pid && child !== process) add(child, depth + 1);
  };
  const pids = new Set(processes.map(({ pid }) => pid));
  for (const process of processes) if (!pids.has(process.parent)) add(process, 0);
  return lines;
}
