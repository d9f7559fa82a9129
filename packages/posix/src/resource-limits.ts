import { Buffer } from 'node:buffer';

import { checked, libc } from './libc.ts';

const setrlimit = libc.func('int setrlimit(int, const void *)');

/** Numbers of resources on Linux (setrlimit(2)). */
const RESOURCES = { processes: 6, openFiles: 7 } as const;

/** Bytes of a `struct rlimit`: two unsigned longs. */
const LIMIT_BYTES = 16;

/** Limits what this process, and all it starts, may have of something: hard and soft alike. @throws SystemCallError, such as EPERM */
export function limitResource(resource: keyof typeof RESOURCES, most: number): void {
  const limits = Buffer.alloc(LIMIT_BYTES);
  limits.writeBigUInt64LE(BigInt(most), 0);
  limits.writeBigUInt64LE(BigInt(most), LIMIT_BYTES / 2);
  checked('setrlimit', setrlimit(RESOURCES[resource], limits) as number);
}
