import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { subject } from '../rig/subject.ts';
import { debianPython, needs } from '../run/parts.ts';
import { appArguments, layOutProject, replaceApp } from '../tutorial/project.ts';
import { budgets, type StartBudget } from './budgets.ts';
import { traceStart } from './start-trace.ts';

/** Debian's Python: what is first in the PATH may be a script that starts many programs until it has found one. */
function virtualenv(rig: Rig): string {
  execFileSync(debianPython, ['-m', 'venv', '--without-pip', rig.path('venv')]);
  return rig.path('venv');
}

function judge(t: TestContext, cost: StartBudget, budget: StartBudget): void {
  const text = JSON.stringify(cost);
  t.diagnostic(text);
  for (const key of ['modules', 'moduleBytes', 'files', 'programs'] as const) {
    assert.ok(cost[key] > 1 && cost[key] <= budget[key], `${key} of ${text}, and not more than ${budget[key]}`);
  }
}

test('a vassal reads and executes little at its start', needs('strace', 'venv'), async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const command = [...subject.vassal, ...appArguments(await rig.port()), '--virtualenv', virtualenv(rig)];
  const cost = await traceStart(rig, command, (vassal) => vassal.waitForLog(/^spawned uWSGI worker 1 /));
  judge(t, cost, budgets.start.vassal);
});

test('an emperor reads and executes little at its start', needs('strace'), async (t) => {
  await using rig = Rig.open(t);
  const command = [...subject.emperor('sites/*.ini'), '--metrics', '127.0.0.1:0'];
  const cost = await traceStart(rig, command, (emperor) => emperor.waitForLog(/metrics and status at/));
  judge(t, cost, budgets.start.emperor);
});

test('a worker has few modules of Python beyond the app’s', needs('venv'), async (t) => {
  await using rig = Rig.open(t);
  replaceApp(rig, 'names_modules');
  const python = virtualenv(rig);
  const port = await rig.port();
  const vassal = await rig.vassal([...appArguments(port), '--virtualenv', python]);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  const bare = execFileSync(`${python}/bin/python`, ['-c', 'import sys; print(" ".join(sys.modules))'], {
    encoding: 'utf8',
  });
  const always = new Set([...bare.trim().split(' '), 'app']);
  const names = (await ask(port, 'GET /')).body.toString().split(' ');
  const more = names.filter((name) => !always.has(name)).toSorted();
  t.diagnostic(`${more.length}: ${more.join(' ')}`);
  assert.ok(more.length > 10 && more.length <= budgets.pythonModules, more.join(' '));
});
