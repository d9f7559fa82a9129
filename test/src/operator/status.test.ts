import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { emperorCommand, eventOf, startSite } from './site.ts';

const VASSAL = 'project/uwsgi.ini';

const run = promisify(execFile);

/** What a command of the emperor prints. */
async function emperor(rig: Rig, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(emperorCommand, [...words, '--runtime-dir', rig.path('run')]);
  return stdout;
}

interface Page {
  readonly status: {
    readonly name: string;
    readonly state: string;
    readonly pid: number;
    readonly upSince: string;
    readonly configProblems: number;
    readonly lastLines: readonly string[];
    readonly figures: {
      readonly requests: number;
      readonly responses: Readonly<Record<string, number>>;
      readonly addresses: readonly string[];
      readonly workers: {
        readonly total: number;
        readonly busy: number;
        readonly idle: number;
        readonly maximum: number;
      };
      readonly queueDepth: number;
      readonly recent: {
        readonly requestsPerSecond: number;
        readonly errors: number;
        readonly p50Ms: number;
        readonly p99Ms: number;
      };
      readonly memory: { readonly privateBytes: number; readonly limits: Readonly<Record<string, number>> };
      readonly processes: readonly { readonly pid: number; readonly role: string }[];
      readonly lastReload: { readonly outcome: string; readonly tookMs: number; readonly failed: number };
    };
  };
  readonly configuration: {
    readonly entries: readonly { readonly key: string; readonly value: string; readonly origin: string }[];
    readonly nextRuns: readonly { readonly at: number; readonly what: string }[];
    readonly jobs: readonly { readonly place: string; readonly waiting: number }[];
  };
  readonly events: readonly { readonly event: string; readonly message: string }[];
}

test('the page of a vassal has everything with its true value, as JSON and as text', async (t) => {
  await using rig = Rig.open(t, { mayLeave: /jobs\// });
  const site = await startSite(rig);
  const ini = readFileSync(rig.path(VASSAL), 'utf8');
  rig.write(VASSAL, `${ini}spooler = jobs/\ncron = 0 3 -1 -1 -1 echo night\nmule = true\n`);
  await eventOf(site.emperor, 'vassal-reloaded');
  for (let count = 0; count < 3; count++) assert.equal((await ask(site.port, 'GET /')).status, 200);

  const page = await until('the requests are counted, and all processes run', async () => {
    const read = JSON.parse(await emperor(rig, 'status', 'project', '--json')) as Page;
    const { requests, processes, workers } = read.status.figures;
    const isComplete = requests === 4 && processes.length === 6 && workers.total === 2 && workers.busy === 0;
    return isComplete && read.configuration.jobs.length === 1 && read;
  });
  const { status, configuration, events } = page;
  const { figures } = status;
  assert.equal(status.name, VASSAL);
  assert.ok(Math.abs(Date.parse(status.upSince) - Date.now()) < 120_000, status.upSince);
  assert.equal(status.configProblems, 0);
  assert.deepEqual(figures.addresses, [`http://127.0.0.1:${site.port}`]);
  assert.deepEqual(figures.workers, { total: 2, busy: 0, idle: 2, maximum: 2 });
  assert.equal(figures.queueDepth, 0);
  assert.equal(figures.responses['2xx'], 4);
  assert.ok(figures.recent.requestsPerSecond > 0 && figures.recent.p99Ms >= figures.recent.p50Ms);
  assert.deepEqual(figures.memory.limits, { 'reload-on-rss': 512 * 2 ** 20 });
  assert.deepEqual([figures.lastReload.outcome, figures.lastReload.failed], ['done', 0]);
  assert.deepEqual(figures.processes.map(({ role }) => role).toSorted(), [
    'mule 1',
    'spooler 1',
    'vassal',
    'worker 1',
    'worker 2',
    'zygote',
  ]);
  assert.equal(figures.processes[0]?.pid, status.pid);
  assert.deepEqual(
    configuration.entries.filter(({ key }) => key === 'cron'),
    [{ key: 'cron', value: '0 3 -1 -1 -1 echo night', origin: `${VASSAL}:${ini.split('\n').length + 1}` }],
  );
  const [next] = configuration.nextRuns;
  assert.deepEqual([next?.what, new Date(next?.at ?? 0).getHours()], ['echo night', 3]);
  assert.deepEqual(
    configuration.jobs.map(({ waiting }) => waiting),
    [0],
  );
  assert.ok(events.some(({ message }) => / reloaded by edit of its file, \d+ ms, 0 failed$/.test(message)));

  const text = await emperor(rig, 'status', 'project');
  for (const expected of [
    /^project\/uwsgi\.ini\n {2}state {8}(?:loyal|ready), for \d+[sm]\n/,
    /limits {7}reload-on-rss 512M for each process\n/,
    /last reload {2}\d+[sm] ago, \d+ms, 0 failed\n/,
    /Next runs:\n .*03:00, in \d+[smh] {2}echo night\n/,
    /Jobs:\n {2}\S+\/jobs {2}0 waiting, 0 running\n/,
    /Events:\n(?:.*\n)* {2}[\d:]+ reloaded by edit of its file, \d+ ms, 0 failed\n/,
    /Last lines:\n(?:.*\n)*.*spawned uWSGI worker 1/,
  ]) {
    assert.match(text, expected);
  }
});

test('a vassal that hangs is shown as one that does not answer, with its last figures', async (t) => {
  await using rig = Rig.open(t);
  await startSite(rig);
  const { status } = await until('its figures are known', async () => {
    const page = JSON.parse(await emperor(rig, 'status', 'project', '--json')) as Page;
    return page.status.figures?.requests === 1 && page;
  });
  process.kill(status.pid, 'SIGSTOP');
  try {
    await until('the table says so', async () =>
      /it does not answer on its control socket: the figures are its last ones/.test(await emperor(rig, 'status')),
    );
    assert.match(await emperor(rig, 'status', 'project'), /answering {4}no: the figures are its last ones\n/);
  } finally {
    process.kill(status.pid, 'SIGCONT');
  }
});

test('the socket of the commands is out of reach for other users', { skip: process.getuid?.() !== 0 }, async (t) => {
  await using rig = Rig.open(t);
  await startSite(rig);
  await run('chmod', ['755', rig.directory]);
  const connect = 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])';
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '/usr/bin/python3', '-c', connect];
  await assert.rejects(run('setpriv', [...asNobody, rig.path('run/emperor.sock')]), /PermissionError/);
  await run('/usr/bin/python3', ['-c', connect, rig.path('run/emperor.sock')]);
});
