import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { cpuMsOfTree, processTree } from '../../rig/processes.ts';
import { memoryAtRest, loadColumns } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Row } from '../row.ts';

/** How often the threads of the server have been woken since they began. */
function wakeUps(root: number): number {
  return processTree(root).reduce((sum, { pid }) => {
    const [, count = '0'] =
      /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return sum + Number(count);
  }, 0);
}

export const idle: Row = {
  name: 'idle',
  title: 'the tutorial’s app, 2 processes, nobody asks for anything',
  contestants: tutorialApp,
  columns: [
    { key: 'cpuPercent', title: '% of a core', better: 'lower', decimals: 2 },
    { key: 'wakeUpsPerSecond', title: 'wake-ups/s', better: 'lower', decimals: 1 },
    loadColumns.restMegabytes,
  ],
  atRest: memoryAtRest,
  round: async ({ program: { pid } }, seconds) => {
    const before = { cpuMs: cpuMsOfTree(pid), wakeUps: wakeUps(pid) };
    await pause(seconds * 1000);
    return {
      cpuPercent: (cpuMsOfTree(pid) - before.cpuMs) / (seconds * 10),
      wakeUpsPerSecond: (wakeUps(pid) - before.wakeUps) / seconds,
    };
  },
};
