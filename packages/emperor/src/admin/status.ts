import type { VassalFigures } from '../vassal/vassal-figures.ts';
import { describeExit } from '../vassal/vassal-exit.ts';
import { nextTryOf, pidOf, type VassalPhaseName } from '../vassal/vassal-phase.ts';
import { FAILING_FROM } from '../vassal/vassal-death.ts';
import type { Vassal } from '../vassal/vassal.ts';
import type { Collected } from './figures-collector.ts';
import { lastErrorOf } from './last-error.ts';
import { reasonOf } from './reason.ts';

/** One vassal as `/status` shows it. Times are ISO 8601. */
export interface VassalStatus {
  readonly name: string;
  readonly path: string;
  readonly state: VassalPhaseName;
  /** Why it is not simply up. */
  readonly reason?: string;
  readonly since: string;
  readonly pid?: number;
  readonly launches: number;
  /** In a row. */
  readonly failures: number;
  /** It has failed so often that somebody should look. */
  readonly failing: boolean;
  /** How its last process ended. */
  readonly lastExit?: string;
  /** Of one that fails: the line of its output that most likely says why. */
  readonly lastError?: string;
  /** When a dead one is tried again. */
  readonly nextTry?: string;
  /** Of its processes, those that the kernel killed at the memory limit of the vassal. */
  readonly outOfMemoryKills: number;
  readonly lastLines: readonly string[];
  /** Of an invalid one: what it wrote when it refused its configuration. */
  readonly diagnostics?: readonly string[];
  /** Whether it answers on its control socket; foreign programs have none. */
  readonly answering: boolean;
  /** Whether it has a control socket to be asked at: programs that are no vassals of ours have none. */
  readonly tells: boolean;
  /** When its present process was launched. */
  readonly upSince?: string;
  /** What all its processes together may have; what single ones may, its figures tell. */
  readonly memoryLimitBytes?: number;
  /** What was found wrong with its files when they were read last; undefined when it does not tell. */
  readonly configProblems?: number;
  readonly figures?: VassalFigures;
}

/** What belongs on the page of one vassal: of a thousand it would be megabytes. */
type DetailedFigures = 'processes' | 'services' | 'latency' | 'queueTime' | 'serviceTime';

/** One vassal in a list of all. */
export type VassalRow = Omit<VassalStatus, 'lastLines' | 'diagnostics' | 'figures'> & {
  readonly figures?: Omit<VassalFigures, DetailedFigures>;
};

export function rowOf({ lastLines: _lines, diagnostics: _diagnostics, figures, ...row }: VassalStatus): VassalRow {
  if (figures === undefined) return row;
  const {
    processes: _,
    services: _services,
    latency: _latency,
    queueTime: _queue,
    serviceTime: _service,
    ...rest
  } = figures;
  return { ...row, figures: rest };
}

/** A complaint of `vassal` about its configuration begins with FILE:LINE:COLUMN, or less. */
const COMPLAINT = /^(?:\S.*: )?(?:error|warning): /;

/** @param collected undefined for one that has no control socket */
export function statusOf(vassal: Vassal, collected: Collected | undefined): VassalStatus {
  const { phase, launches, failures, lastExit } = vassal.state;
  const pid = pidOf(phase);
  const nextTry = nextTryOf(phase);
  const reason = reasonOf(vassal.state, vassal.heldBackBy);
  const figures = collected?.figures;
  const isFailing = failures > 0 || phase.name === 'invalid';
  // One that is being tried again has not said anything yet that matters.
  const telling = phase.name === 'starting' ? vassal.linesOfTryBefore : vassal.linesOfLastTry;
  const lastError = isFailing ? lastErrorOf(telling) : undefined;
  const { memoryLimitBytes } = vassal;
  const configProblems = figures?.configProblems ?? complaintsIn(isFailing ? telling : []);
  return {
    name: vassal.name,
    path: vassal.file.path,
    state: phase.name,
    ...(reason === undefined ? {} : { reason }),
    since: isoTime(phase.since),
    ...(pid === undefined ? {} : { pid }),
    launches,
    failures,
    failing: failures >= FAILING_FROM,
    ...(lastExit === undefined ? {} : { lastExit: describeExit(lastExit) }),
    ...(nextTry === undefined ? {} : { nextTry: isoTime(nextTry) }),
    outOfMemoryKills: vassal.outOfMemoryKills,
    ...(lastError === undefined ? {} : { lastError }),
    lastLines: vassal.lastLines,
    ...(phase.name === 'invalid' ? { diagnostics: vassal.linesOfLastTry } : {}),
    answering: collected?.isAnswering ?? false,
    tells: collected !== undefined,
    ...(pid === undefined ? {} : { upSince: new Date(vassal.moments.launched).toISOString() }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    ...(configProblems === undefined ? {} : { configProblems }),
    ...(figures === undefined ? {} : { figures }),
  };
}

function complaintsIn(lines: readonly string[]): number | undefined {
  const complaints = lines.filter((line) => COMPLAINT.test(line)).length;
  return complaints === 0 ? undefined : complaints;
}

/** Of a time on the clock of this process (`performance.now()`). */
function isoTime(milliseconds: number): string {
  return new Date(Date.now() + milliseconds - performance.now()).toISOString();
}
