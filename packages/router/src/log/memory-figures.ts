/** Memory of a process, in bytes. */
export interface MemoryFigures {
  /** Resident. */
  readonly rss: number;
  /** Address space. */
  readonly vsz: number;
}

/** Asks the system for the memory of a process; undefined for one that is gone. */
export type MeasureMemory = (pid: number) => MemoryFigures | undefined;

const NOTHING: MemoryFigures = { rss: 0, vsz: 0 };
/** A line a second is fresh enough for a figure that moves slowly, and asking costs more than the line. */
const KEPT_MS = 1000;
/** Workers come and go. */
const KEPT_PROCESSES = 256;

/** The memory of processes for log lines, asked for at most once a second each. */
export function rememberingMemory(measure: MeasureMemory): (pid: number, nowMs: number) => MemoryFigures {
  const known = new Map<number, { readonly atMs: number; readonly figures: MemoryFigures }>();
  return (pid, nowMs) => {
    const kept = known.get(pid);
    if (kept !== undefined && nowMs - kept.atMs < KEPT_MS) return kept.figures;
    const figures = measure(pid) ?? kept?.figures ?? NOTHING;
    if (known.size >= KEPT_PROCESSES) known.clear();
    known.set(pid, { atMs: nowMs, figures });
    return figures;
  };
}

/** Whole mebibytes, as uWSGI writes them. */
export function mebibytes(bytes: number): number {
  return Math.trunc(bytes / 1_048_576);
}
