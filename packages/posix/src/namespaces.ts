import { checked, declareLinux } from './libc.ts';

const unshare = declareLinux('int unshare(int)');

/** The namespaces that a process with several threads can leave its parent's for, by uWSGI's names for them; clone(2) has the numbers. */
export const NAMESPACES = {
  fs: 0x00020000,
  mount: 0x00020000,
  uts: 0x04000000,
  ipc: 0x08000000,
  net: 0x40000000,
} as const;

/**
 * Gives the main thread, and with it every process started from now on, namespaces of its own (unshare(2)).
 * @param mask of the values of `NAMESPACES`
 * @throws SystemCallError mostly EPERM: it takes root
 */
export function leaveNamespaces(mask: number): void {
  checked('unshare', unshare(mask) as number);
}
