import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Load } from '../rig/load.ts';
import { childrenOf, isAlive, lookUp, processTree } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { layOutProject, listing, startApp } from '../tutorial/project.ts';

/** Sockets of a process that had no chance to remove them. */
const unmendable = { mayLeave: /^run\// };

/** Requests that may have been with the process when it was killed: no more than there are clients. */
const clients = 4;

test('a worker that is killed under load costs no more than the requests it had, and is replaced', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--disable-logging', '--processes', '2');
  await using load = new Load({ port, clients, keepAlive: !subject.isUwsgi });
  await load.more(20);
  const [, number, pid] = await vassal.waitForLog(workerSpawned);
  process.kill(Number(pid), 'SIGKILL');
  await vassal.waitForLog(
    new RegExp(`^DAMN ! worker ${number} \\(pid: ${pid}\\) died, killed by signal 9 :\\( trying respawn \\.\\.\\.$`),
  );
  const [, replacement] = await vassal.waitForLog(
    new RegExp(`^Respawned uWSGI worker ${number} \\(new pid: (\\d+)\\)$`),
  );
  assert.ok(isAlive(Number(replacement)));
  await load.more(100);
  await load.stop();
  assert.ok(load.bad <= clients, load.summary());
});

test('workers that are killed one after the other are all replaced', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--disable-logging', '--processes', '2');
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  for (const [, number, pid] of vassal.log.all(workerSpawned)) {
    process.kill(Number(pid), 'SIGKILL');
    await vassal.waitForLog(new RegExp(`^Respawned uWSGI worker ${number} `));
  }
  assert.equal((await ask(port, 'GET /')).status, 200);
});

test(
  'a zygote that is killed under load is replaced, costs no request, and hangs on to nothing',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t, unmendable);
    const { vassal, port } = await startApp(rig, '--disable-logging', '--processes', '2');
    await vassal.waitForLog(/^spawned uWSGI worker 2 /);
    const worker = Number(vassal.log.find(workerSpawned)?.[2]);
    const zygote = lookUp(worker)?.parent;
    assert.ok(zygote !== undefined && zygote !== vassal.pid, 'the zygote stands between the vassal and its workers');
    await using load = new Load({ port, clients, keepAlive: true });
    await load.more(20);
    process.kill(zygote, 'SIGKILL');
    const successor = await until('another zygote runs', () => zygotesOf(vassal.pid).find((pid) => pid !== zygote));
    await load.more(100);
    assert.equal(load.bad, 0, load.summary());

    process.kill(worker, 'SIGKILL');
    const [, replacement] = await vassal.waitForLog(/^Respawned uWSGI worker 1 \(new pid: (\d+)\)$/);
    assert.equal(lookUp(Number(replacement))?.parent, successor);
    await load.more(100);
    assert.ok(load.bad <= clients, load.summary());
    await load.stop();
    vassal.signal('SIGKILL');
    await until('nothing of it runs', () => rig.processes().length === 0);
  },
);

function zygotesOf(vassal: number): number[] {
  return childrenOf(vassal).flatMap((entry) => (entry.commandLine.includes('python') ? entry.pid : []));
}

test('a vassal that is killed under load takes everything below it along', async (t) => {
  await using rig = Rig.open(t, unmendable);
  // Without no-orphans the real uWSGI leaves its workers behind (UWSGI-FACTS 9.9).
  const { vassal, port } = await startApp(rig, '--disable-logging', '--processes', '2', '--no-orphans');
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  await using load = new Load({ port, clients });
  await load.more(20);
  vassal.signal('SIGKILL');
  await until('nothing of it runs', () => rig.processes().length === 0);
  await load.stop();
});

/** An emperor over two sites that have nothing to do with each other. */
async function startTwoSites(
  rig: Rig,
  more: readonly string[] = [],
): Promise<{ emperor: Program; ports: [first: number, second: number] }> {
  const ports: [number, number] = [await rig.port(), await rig.port()];
  for (const [index, site] of ['first', 'second'].entries()) {
    layOutProject(rig, `www/${site}`);
    const ini = listing('scaling-http', { 8000: ports[index] ?? 0 });
    rig.write(`www/${site}/uwsgi.ini`, ini.replace('master = true\n', 'master = true\nchdir = %d\n'));
  }
  const emperor = await rig.emperor(rig.path('www/*/uwsgi.ini'), more);
  await until('both are served', async () => {
    const answers = await Promise.all(ports.map((port) => ask(port, 'GET /').catch(() => undefined)));
    return answers.every((answer) => answer?.status === 200);
  });
  return { emperor, ports };
}

function vassalPid(emperor: Program, site: string): number | undefined {
  return emperor.tree().find((entry) => entry.commandLine.endsWith(`${site}/uwsgi.ini`))?.pid;
}

test('a vassal that is killed is started again, and no other vassal notices', async (t) => {
  await using rig = Rig.open(t, unmendable);
  const { emperor, ports } = await startTwoSites(rig);
  const victim = await until('the first runs', () => vassalPid(emperor, 'first'));
  const below = processTree(victim).map((entry) => entry.pid);
  assert.ok(below.length >= 3, 'a vassal has processes below it');
  await using other = new Load({ port: ports[1], clients: 2 });
  await using own = new Load({ port: ports[0], clients: 2 });
  await own.more(20);
  process.kill(victim, 'SIGKILL');
  await until('nothing of the killed one runs', () => below.every((pid) => !isAlive(pid)));
  await until('it runs again', () => vassalPid(emperor, 'first'));
  await own.more(20);
  await other.more(20);
  await other.stop();
  assert.equal(other.bad, 0, other.summary());
});

test('an emperor that is killed takes its vassals along where it is told so, as uWSGI always does', async (t) => {
  await using rig = Rig.open(t, unmendable);
  const { emperor, ports } = await startTwoSites(rig, subject.isUwsgi ? [] : ['--die-with-emperor']);
  await using load = new Load({ port: ports[0], clients: 2 });
  await load.more(20);
  emperor.signal('SIGKILL');
  await until('nothing runs any more', () => rig.processes().length === 0);
  await load.stop();
});
