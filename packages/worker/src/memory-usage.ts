import { readFileSync } from 'node:fs';

/** Linux counts in pages; all platforms that run Node on Linux servers have 4 KiB ones, or say so in `getconf PAGESIZE`. */
const PAGE_BYTES = 4096;

export interface MemoryUsage {
  /** Resident bytes. */
  readonly rss: number;
  /** Bytes of address space. */
  readonly vsz: number;
}

/** Memory of a process; undefined when it is gone or the system has no /proc. */
export function memoryUsage(pid: number): MemoryUsage | undefined {
  try {
    const [size = 0, resident = 0] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number);
    return { rss: resident * PAGE_BYTES, vsz: size * PAGE_BYTES };
  } catch {
    return undefined;
  }
}
