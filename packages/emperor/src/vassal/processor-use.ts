import { readFileSync } from 'node:fs';

/**
 * Whether a process is at work: it used the processor since the last look, or runs or waits for a disk right now. Reads
 * /proc (Linux); where there is none, everything is said to be busy.
 */
export class ProcessorUse {
  readonly #pid: number;
  #ticks: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#ticks = readStat(pid)?.ticks ?? 0;
  }

  isBusy(): boolean {
    const stat = readStat(this.#pid);
    if (stat === undefined) return true;
    const isBusy = stat.ticks !== this.#ticks || stat.state === 'R' || stat.state === 'D';
    this.#ticks = stat.ticks;
    return isBusy;
  }
}

/** State and processor time, as in proc(5); the name in parentheses may contain anything. */
function readStat(pid: number): { state: string; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
