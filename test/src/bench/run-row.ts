import { Rig, type RigOwner } from '../rig/rig.ts';
import { missingParts } from '../run/parts.ts';
import { medians, spread } from './statistics.ts';
import type { Contestant, Figures, Row, Server } from './row.ts';

export interface Result {
  readonly contestant: string;
  readonly medians: Figures;
  /** (highest - lowest) / median of each figure over the rounds: how far to trust it. */
  readonly spread: Figures;
  readonly rounds: readonly Figures[];
}

export interface RowResult {
  readonly row: Row;
  readonly results: readonly Result[];
  /** Contestants that were left out, and why. */
  readonly absent: readonly string[];
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** Runs a row: all contestants are started, then take turns, round after round, so that the machine's moods are shared. */
export async function runRow(row: Row, effort: Effort, tell: (line: string) => void): Promise<RowResult> {
  const absent: string[] = [];
  const present = row.contestants.filter((contestant) => {
    const missing = missingParts(contestant.needs);
    for (const part of missing) absent.push(`${contestant.name} (apt-get install ${part.debianPackage})`);
    return missing.length === 0;
  });
  const owner = new BenchOwner(tell);
  try {
    await using rig = Rig.open(owner);
    const results = await takeTurns(row, present, effort, rig, tell);
    owner.passed = true;
    return { row, results, absent };
  } finally {
    owner.finish();
  }
}

async function takeTurns(
  row: Row,
  contestants: readonly Contestant[],
  effort: Effort,
  rig: Rig,
  tell: (line: string) => void,
): Promise<Result[]> {
  const entries: { contestant: string; server: Server; atRest: Figures; rounds: Figures[] }[] = [];
  for (const { name, start } of contestants) {
    const server = await start(rig);
    entries.push({ contestant: name, server, atRest: row.atRest?.(server) ?? {}, rounds: [] });
  }
  // The first seconds belong to compilers and caches.
  for (const { server } of entries) await row.round(server, 1);
  for (let number = 1; number <= effort.rounds; number++) {
    for (const { contestant, server, rounds, atRest } of entries) {
      rounds.push({ ...atRest, ...(await row.round(server, effort.seconds)) });
      tell(`${row.name}: round ${number} of ${effort.rounds}, ${contestant}`);
    }
  }
  return entries.map(({ contestant, rounds }) => ({
    contestant,
    rounds,
    medians: medians(rounds),
    spread: spread(rounds),
  }));
}

/** Stands where a test stands for a rig. */
class BenchOwner implements RigOwner {
  passed = false;
  readonly diagnostic: (message: string) => void;
  #report: () => void = () => {};

  constructor(tell: (line: string) => void) {
    this.diagnostic = tell;
  }

  after(report: () => void): void {
    this.#report = report;
  }

  finish(): void {
    this.#report();
  }
}
