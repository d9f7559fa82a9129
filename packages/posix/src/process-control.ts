import { constants } from 'node:os';

import { checked, libc } from './libc.ts';

const prctl = libc.func('int prctl(int, ulong, ulong, ulong, ulong)');

const waitpid = libc.func('int waitpid(int, _Out_ int *, int)');

const PR_SET_PDEATHSIG = 1;
const WNOHANG = 1;

/**
 * Asks the kernel to send this process a signal when its parent dies (prctl(2)). The parent may have died before the call:
 * compare `process.ppid` with what it should be afterwards.
 */
export function setParentDeathSignal(signal: NodeJS.Signals): void {
  checked('prctl', prctl(PR_SET_PDEATHSIG, constants.signals[signal], 0, 0, 0) as number);
}

/** How a child that Node does not know of has ended: `code`, or the number of the `signal` that killed it. */
export type ChildEnd = { readonly code: number } | { readonly signal: number };

/**
 * Buries a child that this process had before it was replaced by another program (execve(2)) and that has ended (waitpid(2)).
 * `running` until the last thread of it has ended, undefined for what is no child of this process.
 */
export function reapChild(pid: number): ChildEnd | 'running' | undefined {
  const status = [0];
  const reaped = waitpid(pid, status, WNOHANG) as number;
  if (reaped !== pid) return reaped === 0 ? 'running' : undefined;
  const [word = 0] = status;
  const signal = word & 0x7f;
  return signal === 0 ? { code: (word >> 8) & 0xff } : { signal };
}
