import { globSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { processTree } from '../../rig/processes.ts';
import { memoryAtRest, loadColumns } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Row } from '../row.ts';

/** What the threads of a server have cost since they began. */
interface Cost {
  /** On a processor, in nanoseconds: ticks of 10 ms are too long for what an idle server takes. */
  readonly cpuNs: number;
  /** How often they have been woken. */
  readonly wakeUps: number;
}

function costOf(root: number): Cost {
  const threads = processTree(root).flatMap(({ pid }) => globSync(`/proc/${pid}/task/*`));
  const costs = threads.map((thread) => ({
    cpuNs: Number(readFileSync(`${thread}/schedstat`, 'latin1').split(' ')[0]),
    wakeUps: Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`${thread}/status`, 'latin1'))?.[1]),
  }));
  const sum = (pick: (cost: Cost) => number): number => costs.reduce((total, cost) => total + pick(cost), 0);
  return { cpuNs: sum((cost) => cost.cpuNs), wakeUps: sum((cost) => cost.wakeUps) };
}

export const idle: Row = {
  name: 'idle',
  title: 'the tutorial’s app, 2 processes, nobody asks for anything',
  contestants: tutorialApp,
  columns: [
    { key: 'cpuPercent', title: '% of a core', better: 'lower', decimals: 3 },
    { key: 'wakeUpsPerSecond', title: 'wake-ups/s', better: 'lower', decimals: 1 },
    loadColumns.restMegabytes,
  ],
  atRest: memoryAtRest,
  round: async ({ program: { pid } }, seconds) => {
    const before = costOf(pid);
    await pause(seconds * 1000);
    const after = costOf(pid);
    return {
      cpuPercent: (after.cpuNs - before.cpuNs) / (seconds * 1e7),
      wakeUpsPerSecond: (after.wakeUps - before.wakeUps) / seconds,
    };
  },
};
