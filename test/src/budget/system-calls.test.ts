import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { appArguments, layOutProject, startApp } from '../tutorial/project.ts';
import { askOften } from './ask-often.ts';
import { budgets } from './budgets.ts';

const REQUESTS = 200;

/** Counts the system calls of a process while something happens. */
async function countCalls(rig: Rig, pid: number, work: () => Promise<void>): Promise<number> {
  const file = rig.path(`calls-${pid}`);
  const strace = await rig.start(['strace', '-f', '-c', '-U', 'calls,name', '-o', file, '-p', String(pid)]);
  await strace.waitForLog(/attached/);
  await work();
  await strace.stop('SIGINT');
  await until('the counts are written', () => existsSync(file) && /total\s*$/.test(readFileSync(file, 'utf8')));
  const [, total] = /^\s*(\d+)\s+total\s*$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return Number(total);
}

test('a request costs the vassal and the worker few system calls', needs('strace'), async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--disable-logging');
  // What is done once is done.
  await askOften(port, REQUESTS);
  const worker = vassal.tree().at(-1)?.pid ?? Number.NaN;
  const kept = (await countCalls(rig, vassal.pid, () => askOften(port, REQUESTS))) / REQUESTS;
  const ofWorker = (await countCalls(rig, worker, () => askOften(port, REQUESTS))) / REQUESTS;
  const single = await countCalls(rig, vassal.pid, async () => {
    for (let count = 0; count < REQUESTS; count++) await ask(port, 'GET /');
  });
  const perConnection = single / REQUESTS;
  t.diagnostic(`${kept} and ${perConnection} of the vassal, ${ofWorker} of the worker`);
  assert.ok(kept <= budgets.vassalCallsPerRequest, `${kept} system calls of the vassal`);
  assert.ok(ofWorker <= budgets.workerCallsPerRequest, `${ofWorker} system calls of the worker`);
  assert.ok(perConnection <= budgets.vassalCallsPerConnection, `${perConnection} system calls of the vassal`);
});

test('a vassal reads few modules at its start', needs('strace'), async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const file = rig.path('opened');
  const vassal = await rig.start([
    'strace',
    '-f',
    '--seccomp-bpf',
    '-e',
    'trace=open,openat',
    '-o',
    file,
    ...subject.vassal,
    ...appArguments(port),
  ]);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  const modules = new Set(
    [...readFileSync(file, 'utf8').matchAll(/"([^"]+\.(?:js|cjs|mjs))", O_RDONLY[^)]*\) = \d+/g)].map(
      ([, path]) => path,
    ),
  );
  t.diagnostic(`${modules.size} modules`);
  assert.ok(modules.size > 2 && modules.size <= budgets.modules, `${modules.size} modules`);
  const pid = vassal.tree().find(({ commandLine }) => /main\.js/.test(commandLine))?.pid ?? Number.NaN;
  process.kill(pid, 'SIGINT');
  await vassal.exited;
});
