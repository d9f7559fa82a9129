import { Rig, type RigOwner } from '../rig/rig.ts';
import { missingParts } from '../run/parts.ts';
import { medians, spread } from './statistics.ts';
import type { AnyRow, Contestant, Figures } from './row.ts';

export interface Result {
  readonly contestant: string;
  readonly medians: Figures;
  /** (highest - lowest) / median of each figure over the rounds: how far to trust it. */
  readonly spread: Figures;
  readonly rounds: readonly Figures[];
}

export interface RowResult {
  readonly row: AnyRow;
  readonly ours: Result;
  readonly peers: readonly Result[];
  /** What only shows the cost of the measurement. */
  readonly gauges: readonly Result[];
  /** Ours as it was in the checkout that was given, if one was. */
  readonly previous: Result | undefined;
  /** Contestants that were left out, and why. */
  readonly absent: readonly string[];
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** A built checkout of a former release: takes part in place of ours once more. */
  readonly previous?: string;
}

type Tell = (line: string) => void;

/** Someone who has started, and what came of the rounds so far. */
interface Entry {
  readonly contestant: string;
  readonly isGauge: boolean;
  readonly subject: unknown;
  readonly atRest: Figures;
  readonly rounds: Figures[];
}

/** Runs a row: all contestants are started, then take turns, round after round, so that the machine's moods are shared. */
export async function runRow(row: AnyRow, effort: Effort, tell: Tell): Promise<RowResult> {
  const absent: string[] = [];
  const present = row.contestants.filter((contestant) => {
    const missing = missingParts(contestant.needs);
    for (const part of missing) absent.push(`${contestant.name} (apt-get install ${part.debianPackage})`);
    return missing.length === 0;
  });
  const [first, ...others] = present;
  if (first === undefined || first !== row.contestants[0]) throw new Error(`ours cannot take part: ${absent.join()}`);
  const owner = new BenchOwner(tell);
  try {
    await using rig = Rig.open(owner);
    await using formerRig = Rig.open(owner, effort.previous === undefined ? {} : { checkout: effort.previous });
    const ours = await enter(row, first, rig);
    const rest: Entry[] = [];
    for (const contestant of others) rest.push(await enter(row, contestant, rig));
    const former = effort.previous === undefined ? [] : [await enter(row, { ...first, name: 'previous' }, formerRig)];
    await takeTurns(row, [ours, ...rest, ...former], effort, tell);
    owner.passed = true;
    const [previous] = former.map(resultOf);
    const peers = rest.filter(({ isGauge }) => !isGauge).map(resultOf);
    const gauges = rest.filter(({ isGauge }) => isGauge).map(resultOf);
    return { row, ours: resultOf(ours), peers, gauges, previous, absent };
  } finally {
    owner.finish();
  }
}

async function enter(row: AnyRow, { name, start, isGauge = false }: Contestant<unknown>, rig: Rig): Promise<Entry> {
  const subject = await start(rig);
  return { contestant: name, isGauge, subject, atRest: row.atRest?.(subject) ?? {}, rounds: [] };
}

async function takeTurns(row: AnyRow, entries: readonly Entry[], effort: Effort, tell: Tell): Promise<void> {
  // The first seconds belong to compilers and caches.
  if (row.isCold !== true) for (const { subject } of entries) await row.round(subject, 1);
  const last = Math.min(effort.rounds, row.mostRounds ?? effort.rounds);
  const seconds = Math.max(effort.seconds, row.leastSeconds ?? 0);
  for (let number = 1; number <= last; number++) {
    for (const { contestant, subject, rounds, atRest } of entries) {
      rounds.push({ ...atRest, ...(await row.round(subject, seconds)) });
      tell(`${row.name}: round ${number} of ${last}, ${contestant}`);
    }
  }
}

function resultOf({ contestant, rounds }: Entry): Result {
  return { contestant, rounds, medians: medians(rounds), spread: spread(rounds) };
}

/** Stands where a test stands for its rigs. */
class BenchOwner implements RigOwner {
  passed = false;
  readonly diagnostic: (message: string) => void;
  readonly #reports: (() => void)[] = [];

  constructor(tell: (line: string) => void) {
    this.diagnostic = tell;
  }

  after(report: () => void): void {
    this.#reports.push(report);
  }

  finish(): void {
    for (const report of this.#reports) report();
  }
}
