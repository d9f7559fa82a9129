import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Load } from '../rig/load.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { bodyOf, startAnnouncer, startRouter, untilAnswered, writeNamedApp } from './announcing.ts';

const PROCESSES = ['--http-processes', '3', '--http-keepalive=1'];

/** A router of three processes in front of an app. */
async function startThree(rig: Rig): Promise<{ router: Program; port: number }> {
  const [port, appPort] = [await rig.port(), await rig.port()];
  writeNamedApp(rig, 'app');
  const app = await rig.vassal(['--master', '--socket', `127.0.0.1:${appPort}`, '--wsgi-file', 'app.py']);
  await app.waitForLog(/^spawned uWSGI worker 1 /);
  const backend = ['--http-to', `127.0.0.1:${appPort}`];
  const router = await rig.vassal(['--master', '--http', `127.0.0.1:${port}`, ...backend, ...PROCESSES]);
  await allSpawned(router);
  return { router, port };
}

async function allSpawned(router: Program, mark = 0): Promise<void> {
  for (const number of [2, 3])
    await router.waitForLog(new RegExp(`^spawned uWSGI http ${number} \\(pid: \\d+\\)$`), mark);
}

test('http-processes has several processes answer at one port', async (t) => {
  await using rig = Rig.open(t);
  const { router, port } = await startThree(rig);
  for (let count = 0; count < 10; count++) assert.equal((await ask(port, 'GET /')).status, 200);
  await router.stop();
  assert.equal(router.log.all(/^goodbye to uWSGI\.$/).length, 1);
});

test('the other processes of a router answer while the first is busy', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { router, port } = await startThree(rig);
  router.signal('SIGSTOP');
  for (let count = 0; count < 10; count++) assert.equal((await ask(port, 'GET /')).status, 200);
  router.signal('SIGCONT');
});

test('a reload replaces the processes of a router without losing a request', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { router, port } = await startThree(rig);
  await using load = new Load({ port, clients: 4, keepAlive: true });
  await load.more(100);
  const mark = router.log.mark();
  router.signal('SIGHUP');
  await allSpawned(router, mark);
  await until('the old processes are gone', () => router.tree().length === 3);
  await load.more(100);
  await load.stop();
  assert.equal(load.bad, 0, load.summary());
});

test('a process of a router that dies is replaced', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { router, port } = await startThree(rig);
  const pid = Number(router.log.find(/^spawned uWSGI http 2 \(pid: (\d+)\)$/)?.[1]);
  process.kill(pid, 'SIGKILL');
  await router.waitForLog(/^DAMN ! uWSGI http 2 died \(signal SIGKILL\)/);
  await router.waitForLog(/^respawned uWSGI http 2 \(pid: \d+\)$/);
  assert.equal((await ask(port, 'GET /')).status, 200);
});

test('the processes of a router that is killed end too', oursOnly, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^(?:tmp|run)\b/ });
  const { router } = await startThree(rig);
  router.signal('SIGKILL');
  await router.waitForExit();
  const others = (): unknown[] => rig.processes().filter(({ commandLine }) => commandLine.includes('router.ini'));
  await until('no process of the router is left', () => others().length === 0);
});

test('every process of a router knows what is announced to it', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig, PROCESSES);
  const first = await startAnnouncer(rig, 'first', ['--subscribe-to', `${router.server}:first.org`]);
  await allSpawned(router.program);
  await startAnnouncer(rig, 'second', ['--subscribe-to', `${router.server}:second.org`]);
  const known = (host: string, count: number): Promise<unknown> =>
    until(
      `${host} is known ${count} times`,
      () => router.program.log.all(new RegExp(`${host} => new node`)).length === count,
    );
  await known('first.org', 3);
  await known('second.org', 3);
  for (let count = 0; count < 10; count++) assert.equal(await bodyOf(router.port, 'second.org'), 'second second.org');
  await first.stop();
  await until('all have heard', () => router.program.log.all(/first\.org => marking .* as failed$/).length === 3);
  await untilAnswered(router.port, 'first.org', undefined);
});

test('a router of static files has several processes, too', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('files/word', 'here');
  const files = ['--static-map', `/files=${rig.path('files')}`];
  const router = await rig.vassal([
    '--master',
    '--processes',
    '0',
    '--http',
    `127.0.0.1:${port}`,
    ...files,
    ...PROCESSES,
  ]);
  await allSpawned(router);
  router.signal('SIGSTOP');
  for (let count = 0; count < 10; count++) assert.equal((await ask(port, 'GET /files/word')).status, 200);
  router.signal('SIGCONT');
});
