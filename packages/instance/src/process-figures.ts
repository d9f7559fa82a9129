import { readdirSync, readFileSync } from 'node:fs';

import type { ControlProcess } from '@emperor/protocol';

/** What a process and all below it use. All CPU time counts, that of ended children too. */
export interface ProcessFigures {
  /** Parents before their children. Empty on a system without /proc. */
  readonly processes: readonly ControlProcess[];
  readonly memory: { readonly privateBytes: number; readonly rssBytes: number };
  readonly cpuSeconds: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const CLOCK_TICKS_PER_SECOND = 100;
const MAX_AGE_MS = 2000;

/** Measures a tree of processes. The kernel walks through all of their pages for an answer: asked again soon, the last one is given. */
export class ProcessMeter {
  readonly #root: number;
  readonly #roles: () => ReadonlyMap<number, string>;
  #last: ProcessFigures | undefined;
  #takenAtMs = 0;

  /** @param roles what processes of this tree are there for, by pid, where that is known */
  constructor(root: number, roles: () => ReadonlyMap<number, string>) {
    this.#root = root;
    this.#roles = roles;
  }

  read(nowMs: number): ProcessFigures {
    if (this.#last !== undefined && nowMs - this.#takenAtMs < MAX_AGE_MS) return this.#last;
    this.#takenAtMs = nowMs;
    const roles = this.#roles();
    const tree = findTree(this.#root).flatMap((pid) => measure(pid, roles) ?? []);
    const total = (figure: (entry: Measured) => number): number => sum(tree.map(figure));
    this.#last = {
      processes: tree.map(({ process }) => process),
      memory: {
        privateBytes: total(({ process }) => process.privateBytes),
        rssBytes: total(({ process }) => process.rssBytes),
      },
      cpuSeconds: total(({ process, endedChildrenSeconds }) => process.cpuSeconds + endedChildrenSeconds),
    };
    return this.#last;
  }
}

interface Measured {
  readonly process: ControlProcess;
  readonly endedChildrenSeconds: number;
}

function measure(pid: number, roles: ReadonlyMap<number, string>): Measured | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  // The name in parentheses may hold blanks: fields are counted from behind it, the state being number 3 of proc(5).
  const nameEnd = stat.lastIndexOf(')');
  const field = (number: number): number => Number(stat.slice(nameEnd + 2).split(' ')[number - 3]);
  return {
    process: {
      pid,
      role: roles.get(pid) ?? stat.slice(stat.indexOf('(') + 1, nameEnd),
      parent: field(4),
      ...measureMemory(pid),
      cpuSeconds: (field(14) + field(15)) / CLOCK_TICKS_PER_SECOND,
    },
    endedChildrenSeconds: (field(16) + field(17)) / CLOCK_TICKS_PER_SECOND,
  };
}

function findTree(root: number): number[] {
  const tree = [root];
  for (const pid of tree) tree.push(...childrenOf(pid));
  return tree;
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    readText(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function measureMemory(pid: number): { privateBytes: number; rssBytes: number } {
  const rollup = readText(`/proc/${pid}/smaps_rollup`);
  const bytes = (pattern: RegExp): number =>
    sum(Array.from(rollup.matchAll(pattern), (match) => Number(match[1]))) * 1024;
  return {
    privateBytes: bytes(/^Private_(?:Dirty|Hugetlb): +(\d+) kB$/gm),
    rssBytes: bytes(/^Rss: +(\d+) kB$/gm),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Empty when the process has gone, or there is no such file on this system. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
