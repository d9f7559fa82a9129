import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { privateBytes } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
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
  assert.ok(total <= budgets.privateBytes, text);
});

test('a vassal gives back most of what it took while it was busy', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--processes', '2', '--disable-logging');
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  await askOften(port, REQUESTS, AT_A_TIME);
  const atOnce = report(vassal.tree()).total;
  await until('its memory is within the budget', () => report(vassal.tree()).total <= budgets.privateBytesAfterLoad);
  t.diagnostic(`${(atOnce / 2 ** 20).toFixed(1)} MB at once`);
});
