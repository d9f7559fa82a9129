import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';

import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import type { StartBudget } from './budgets.ts';

const OPENED = /^open(?:at)?\([^"]*"([^"]+)".* = \d+$/gm;
const EXECUTED = /^execve\(.* = 0$/gm;
const MODULE = /\.(?:js|cjs|mjs)$/;

/**
 * Starts a program, has it stopped in order when it is ready, and counts what all its processes did in between. strace writes a file for each
 * thread, so that no line is in two parts.
 */
export async function traceStart(
  rig: Rig,
  command: readonly string[],
  untilReady: (program: Program) => Promise<unknown>,
): Promise<StartBudget> {
  mkdirSync(rig.path('trace'));
  const options = ['-ff', '--seccomp-bpf', '-e', 'trace=open,openat,execve', '-o', rig.path('trace/of')];
  const program = await rig.start(['strace', ...options, ...command]);
  await untilReady(program);
  const traced = program.tree().find(({ parent }) => parent === program.pid);
  process.kill(traced?.pid ?? Number.NaN, 'SIGINT');
  await program.exited;
  const text = readdirSync(rig.path('trace'))
    .map((file) => readFileSync(rig.path('trace', file), 'latin1'))
    .join('');
  const opened = Array.from(text.matchAll(OPENED), ([, path = '']) => path);
  const modules = [...new Set(opened.filter((path) => MODULE.test(path)))];
  return {
    modules: modules.length,
    moduleBytes: modules.reduce((sum, path) => sum + statSync(path).size, 0),
    files: opened.length,
    programs: Array.from(text.matchAll(EXECUTED)).length,
  };
}
