import { readFileSync } from 'node:fs';

/**
 * When a process started, in the kernel's ticks since boot (field 22 of proc(5) stat). With its id that names it for good: ids are
 * used again, but not within the same tick. Undefined when there is no such process, or only its zombie.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** A process that is told from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return startTimeOf(pid) === startTime;
}
