import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { appArguments, layOutProject } from '../tutorial/project.ts';
import { askOften } from './ask-often.ts';
import { budgets } from './budgets.ts';

/** Code that runs often is compiled so that much is not allocated at all. */
const WARM_UP = 6000;
const REQUESTS = 4000;
const AT_A_TIME = 8;

/** What V8 has allocated between two collections of garbage, from `--trace-gc-nvp`, since a mark in the log. */
function allocatedBytes({ log }: Program, mark: number): number {
  const bytes = log.lines.slice(mark).map((line) => Number(/"allocated":(\d+)/.exec(line)?.[1] ?? 0));
  return bytes.reduce((sum, value) => sum + value, 0);
}

test('a request has the vassal allocate little', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const vassal = await rig.start([
    process.execPath,
    // As the launcher has them: a small young generation, so that little stays uncounted at the end.
    '--no-allocation-site-pretenuring',
    '--max-semi-space-size=1',
    '--trace-gc-nvp',
    `${repository}apps/vassal/dist/bundle/main.cjs`,
    ...appArguments(port),
    '--disable-logging',
  ]);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  await askOften(port, WARM_UP, { atATime: AT_A_TIME });
  const mark = vassal.log.mark();
  await askOften(port, REQUESTS, { atATime: AT_A_TIME });
  const perRequest = Math.round(allocatedBytes(vassal, mark) / REQUESTS);
  t.diagnostic(`${perRequest} bytes a request`);
  assert.ok(perRequest > 0 && perRequest <= budgets.allocatedBytesPerRequest, `${perRequest} bytes a request`);
});
