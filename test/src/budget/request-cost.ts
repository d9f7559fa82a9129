import { existsSync, readFileSync } from 'node:fs';

import type { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';

/**
 * Counts the system calls of the main thread of a process while something happens. The other threads only compile and collect garbage, more
 * or less of it at a time; what is given to them to do otherwise takes calls of the main thread, too.
 */
export async function countCalls(rig: Rig, pid: number, work: () => Promise<void>): Promise<number> {
  const file = rig.path(`calls-${pid}`);
  const strace = await rig.start(['strace', '-c', '-U', 'calls,name', '-o', file, '-p', String(pid)]);
  await strace.waitForLog(/attached/);
  await work();
  await strace.stop('SIGINT');
  await until('the counts are written', () => existsSync(file) && /total\s*$/.test(readFileSync(file, 'utf8')));
  const [, total] = /^\s*(\d+)\s+total\s*$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return Number(total);
}

/** Counts how often the main thread of a process goes to sleep while something happens: on a busy machine it does that less often, not more. */
export async function countSleeps(pid: number, work: () => Promise<void>): Promise<number> {
  const before = sleepsOf(pid);
  await work();
  return sleepsOf(pid) - before;
}

function sleepsOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)?.[1]);
}
