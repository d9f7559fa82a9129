import { inspect } from 'node:util';

import { Rig } from '../rig/rig.ts';
import type { Outcome, Scenario } from './scenario.ts';

/** Runs one in a place of its own, for so many seconds. What it leaves running is a problem too. */
export async function runScenario(scenario: Scenario, seconds: number, note: (line: string) => void): Promise<Outcome> {
  const reports: (() => void)[] = [];
  const owner = { passed: false, after: (report: () => void) => void reports.push(report), diagnostic: note };
  try {
    const outcome = await inRig(scenario, Rig.open(owner, { mayLeave: /./ }), seconds, note);
    owner.passed = outcome.problems.length === 0;
    return outcome;
  } catch (error) {
    return { figures: {}, problems: [inspect(error)] };
  } finally {
    for (const report of reports) report();
  }
}

async function inRig(scenario: Scenario, opened: Rig, seconds: number, note: (line: string) => void): Promise<Outcome> {
  await using rig = opened;
  return await scenario.run({ rig, seconds, note });
}
