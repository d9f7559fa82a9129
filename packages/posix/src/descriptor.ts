import { closeSync } from 'node:fs';

import { checked, libc } from './libc.ts';

const fcntl = libc.func('int fcntl(int, int, long)');
const dup2 = libc.func('int dup2(int, int)');

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
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

/**
 * Puts the open file of `source` in the place of `target` (dup2(2)), for this process and all it will start; `source` stays open.
 * Its writes wait from then on: standard output is no place for EAGAIN.
 */
export function replaceDescriptor(target: number, source: number): void {
  const flags = checked('fcntl', fcntl(source, F_GETFL, 0) as number);
  checked('fcntl', fcntl(source, F_SETFL, flags & ~O_NONBLOCK) as number);
  checked('dup2', dup2(source, target) as number);
}
