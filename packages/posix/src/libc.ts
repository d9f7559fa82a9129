import { getSystemErrorMap } from 'node:util';

import { koffi } from './koffi.ts';

/** The C library this process runs on. Functions are declared where they are used. */
export const libc: ReturnType<typeof koffi.load> = koffi.load(null);

/**
 * Declares a function that not every system has. Where it is missing, calling it throws, not declaring it: this package can be
 * loaded everywhere, and whoever needs such a function asks for the platform first.
 */
export function declareLinux(signature: string): ReturnType<typeof libc.func> {
  if (process.platform === 'linux') return libc.func(signature);
  const missing = (): never => {
    throw new Error(`${signature}: only Linux has it, this is ${process.platform}`);
  };
  return missing as unknown as ReturnType<typeof libc.func>;
}

/** A failed system call. `code` is the name of the errno, such as `EADDRINUSE`, as in Node's own errors. */
export class SystemCallError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  constructor(syscall: string, errno: number) {
    const [code, description] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, `error ${errno}`];
    super(`${syscall}: ${description}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** @returns `result` when it is not negative; throws the errno as `SystemCallError` otherwise */
export function checked(syscall: string, result: number): number {
  if (result < 0) throw new SystemCallError(syscall, koffi.errno());
  return result;
}

/** Address of a buffer's first byte, to be written into C structures. The buffer must be kept alive by the caller. */
export function addressOf(buffer: Uint8Array): bigint {
  return koffi.address(buffer);
}
