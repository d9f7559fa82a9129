import { closeSync } from 'node:fs';

import { checked, libc } from './libc.ts';

const fcntl = libc.func('int fcntl(int, int, long)');

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_DUPFD_CLOEXEC = 1030;

/** Makes a descriptor survive `exec` (so that a child gets it) or not. Every descriptor made here starts as not inheritable. */
export function setInheritable(descriptor: number, inheritable: boolean): void {
  checked('fcntl', fcntl(descriptor, F_SETFD, inheritable ? 0 : FD_CLOEXEC) as number);
}

/** A second descriptor of the same open file, not inheritable. */
export function duplicate(descriptor: number): number {
  return checked('fcntl', fcntl(descriptor, F_DUPFD_CLOEXEC, 3) as number);
}

export function closeDescriptor(descriptor: number): void {
  closeSync(descriptor);
}
