import { setTimeout as pause } from 'node:timers/promises';

/** How long a test waits for what must happen "soon". Generous: the machine may be busy, and a passing test does not wait. */
export const patienceMs = 20_000;

/** What the kernel does not announce (/proc, a file's content) is looked at this often. */
const lookAgainMs = 10;

/**
 * Waits for a condition that nothing announces.
 * @param what the condition as words, for the error: "worker 2 is gone"
 * @returns the first value of `condition` that is neither undefined nor false
 */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs: number = patienceMs,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await pause(lookAgainMs);
  }
}

/** Fails when `promise` takes longer than it may. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain for ${what}`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
