import { libc } from './libc.ts';

function declareTrim(): (pad: number) => number {
  try {
    return libc.func('int malloc_trim(size_t pad)') as (pad: number) => number;
  } catch {
    return () => 0;
  }
}

/** Only glibc keeps what was freed, and only glibc can be asked for it. */
const trim = declareTrim();

/**
 * Gives the memory back to the system that the C library keeps of what was freed: after V8 has compiled, or many buffers have come and gone,
 * that is most of its heap. Takes up to a millisecond for ten megabytes.
 * @returns whether there was anything to give back
 */
export function returnFreeMemory(): boolean {
  return trim(0) === 1;
}
