import { cpus } from 'node:os';

import type { ConfigCheckResult } from './config-check.ts';
import type { Parties } from './parties.ts';
import type { Effort, RowResult } from './run-row.ts';
import { verdicts } from './verdict.ts';

/** A whole run. */
export interface Run {
  readonly effort: Effort;
  readonly parties: Parties;
  readonly results: readonly RowResult[];
  /** Names of rows that could not be measured. */
  readonly failed: readonly string[];
  readonly configCheck: readonly ConfigCheckResult[];
}

/** A run as it is written for machines. */
export function report({ effort, parties, results, failed, configCheck }: Run): unknown {
  return {
    date: new Date().toISOString(),
    machine: { cpus: cpus().length, model: cpus()[0]?.model, node: process.version },
    parties,
    effort,
    failed,
    configCheck,
    rows: results.map((result) => {
      const { row, ours, peers, gauges, previous, absent } = result;
      const asked = verdicts(result).map(({ column, ask, outcome, peer, value, range }) => ({
        column: column.key,
        wanted: ask.wanted,
        isGoal: ask.isGoal === true,
        peer,
        value,
        range,
        outcome,
      }));
      return { name: row.name, title: row.title, asked, ours, peers, gauges, previous, absent };
    }),
  };
}
