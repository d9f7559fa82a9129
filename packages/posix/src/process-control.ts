import { constants } from 'node:os';

import { checked, libc } from './libc.ts';

const prctl = libc.func('int prctl(int, ulong, ulong, ulong, ulong)');

const PR_SET_PDEATHSIG = 1;

/**
 * Asks the kernel to send this process a signal when its parent dies (prctl(2)). The parent may have died before the call:
 * compare `process.ppid` with what it should be afterwards.
 */
export function setParentDeathSignal(signal: NodeJS.Signals): void {
  checked('prctl', prctl(PR_SET_PDEATHSIG, constants.signals[signal], 0, 0, 0) as number);
}
