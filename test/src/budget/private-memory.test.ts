import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { privateBytes } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { startApp } from '../tutorial/project.ts';
import { askOften } from './ask-often.ts';
import { budgets } from './budgets.ts';

const REQUESTS = 12_000;
const AT_A_TIME = 16;

function report(pids: readonly { pid: number; commandLine: string }[]): { total: number; text: string } {
  const sizes = pids.map(({ pid, commandLine }) => ({ commandLine, bytes: privateBytes(pid) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const text = sizes
    .map(({ commandLine, bytes }) => `${(bytes / 2 ** 20).toFixed(1)} MB ${commandLine.slice(0, 60)}`)
    .join('\n');
  return { total, text: `${(total / 2 ** 20).toFixed(1)} MB in all\n${text}` };
}

test('a vassal with two workers stays within its private memory', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--processes', '2');
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  assert.equal((await ask(port, 'GET /')).status, 200);
  const { total, text } = report(vassal.tree());
  t.diagnostic(text);
  assert.ok(total <= budgets.memory.vassal, text);
});

test('a vassal gives back most of what it took while it was busy', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--processes', '2', '--disable-logging');
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  await askOften(port, REQUESTS, { atATime: AT_A_TIME });
  const atOnce = report(vassal.tree()).total;
  await until('its memory is within the budget', () => report(vassal.tree()).total <= budgets.memory.vassalAfterLoad);
  t.diagnostic(`${(atOnce / 2 ** 20).toFixed(1)} MB at once`);
});

test('an emperor with a vassal that does nothing stays within its private memory', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('sites/one/uwsgi.ini', '[uwsgi]\n');
  const vassals = ['--emperor-wrapper', `${repository}test/fixtures/vassals/trivial`, '--die-with-emperor'];
  const emperor = await rig.emperor('sites/*/uwsgi.ini', [...vassals, '--metrics', '127.0.0.1:0']);
  await emperor.waitForLog(/vassal sites\/one\/uwsgi\.ini is ready to accept requests/);
  const bytes = privateBytes(emperor.pid);
  t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MB`);
  assert.ok(bytes > 0 && bytes <= budgets.memory.emperor, `${bytes} bytes`);
});
