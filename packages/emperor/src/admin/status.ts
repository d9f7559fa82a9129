import type { VassalFigures } from '../vassal/control-client.ts';
import { describeExit } from '../vassal/vassal-exit.ts';
import { pidOf, type VassalPhaseName } from '../vassal/vassal-state.ts';
import type { Vassal } from '../vassal/vassal.ts';
import type { Collected } from './figures-collector.ts';

/** One vassal as `/status` shows it. Times are ISO 8601. */
export interface VassalStatus {
  readonly name: string;
  readonly path: string;
  readonly state: VassalPhaseName;
  readonly since: string;
  readonly pid?: number;
  readonly launches: number;
  readonly failures: number;
  /** How its last process ended. */
  readonly lastExit?: string;
  /** When a cursed one is tried again. */
  readonly nextTry?: string;
  readonly lastLines: readonly string[];
  /** Whether it answers on its control socket; foreign programs have none. */
  readonly answering: boolean;
  readonly figures?: VassalFigures;
}

export function statusOf(vassal: Vassal, collected: Collected | undefined): VassalStatus {
  const { phase, launches, failures, lastExit } = vassal.state;
  const pid = pidOf(phase);
  const figures = collected?.figures;
  return {
    name: vassal.name,
    path: vassal.file.path,
    state: phase.name,
    since: isoTime(phase.since),
    ...(pid === undefined ? {} : { pid }),
    launches,
    failures,
    ...(lastExit === undefined ? {} : { lastExit: describeExit(lastExit) }),
    ...(phase.name === 'cursed' ? { nextTry: isoTime(phase.until) } : {}),
    lastLines: vassal.lastLines,
    answering: collected?.isAnswering ?? false,
    ...(figures === undefined ? {} : { figures }),
  };
}

/** Of a time on the clock of this process (`performance.now()`). */
function isoTime(milliseconds: number): string {
  return new Date(Date.now() + milliseconds - performance.now()).toISOString();
}
