import { readdirSync, readFileSync } from 'node:fs';

/** One process as /proc shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** argv joined by blanks; empty for one that has ended. */
  readonly commandLine: string;
  /** R, S, D, T, Z (ended, not yet waited for) … as in proc(5). */
  readonly state: string;
  /** CPU time used by the process itself, user and system, in clock ticks. */
  readonly cpuTicks: number;
  /** CPU time of children that have ended and were waited for, in clock ticks. */
  readonly endedChildrenTicks: number;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // the process ended between two looks, or is another user's
  }
}

/** Looks a process up. @returns undefined when there is none, or it has ended and only waits for its parent */
export function lookUp(pid: number): ProcessEntry | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold blanks and parentheses: the fields start behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? 'X';
  if (state === 'Z' || state === 'X') return undefined;
  return {
    pid,
    state,
    parent: Number(fields[1]),
    commandLine: (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim(),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    endedChildrenTicks: Number(fields[13]) + Number(fields[14]),
  };
}

export function isAlive(pid: number): boolean {
  return lookUp(pid) !== undefined;
}

function everyPid(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A process and all below it, parents before children. Empty when it is gone. */
export function processTree(root: number): ProcessEntry[] {
  const all = everyPid().flatMap((pid) => lookUp(pid) ?? []);
  const tree = all.filter((entry) => entry.pid === root);
  for (const parent of tree) tree.push(...all.filter((entry) => entry.parent === parent.pid));
  return tree;
}

export function childrenOf(pid: number): ProcessEntry[] {
  return processTree(pid).filter((entry) => entry.parent === pid);
}

/** Processes that were started with this variable in their environment, wherever they hang now. */
export function processesWithEnvironment(variable: string): ProcessEntry[] {
  return everyPid()
    .filter((pid) => read(`/proc/${pid}/environ`)?.split('\0').includes(variable) === true)
    .flatMap((pid) => lookUp(pid) ?? []);
}

/**
 * Memory of a process that nobody shares with it, in bytes; 0 when it is gone. Clean pages are not counted: they are pages of program files
 * in the kernel's cache, and "private" only as long as no second process of the same program happens to run.
 */
export function privateBytes(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`) ?? '';
  const kilobytes = Array.from(rollup.matchAll(/^Private_(?:Dirty|Hugetlb): +(\d+) kB$/gm), (match) =>
    Number(match[1]),
  );
  return kilobytes.reduce((sum, value) => sum + value, 0) * 1024;
}

export function privateBytesOfTree(root: number): number {
  return processTree(root).reduce((sum, entry) => sum + privateBytes(entry.pid), 0);
}

/** CPU time of a whole tree, its ended children included, in milliseconds. */
export function cpuMsOfTree(root: number): number {
  const ticks = processTree(root).reduce((sum, entry) => sum + entry.cpuTicks + entry.endedChildrenTicks, 0);
  return ticks * msPerClockTick;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const msPerClockTick = 10;
