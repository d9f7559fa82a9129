import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTROL_SOCKET_VARIABLE, type ControlReload, type ControlStatus } from '@emperor/protocol';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { askControl } from './control.ts';

const APP = `
import time

def application(environ, start_response):
    if environ['PATH_INFO'] == '/slow':
        time.sleep(0.1)
    if environ['PATH_INFO'] == '/raises':
        raise RuntimeError
    start_response('200 OK', [])
    return [b'done']
`;

async function start(rig: Rig, lines: readonly string[]): Promise<{ port: number; control: string }> {
  rig.write('app.py', APP);
  const port = await rig.port();
  const head = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app'];
  rig.write('uwsgi.ini', [...head, ...lines, ''].join('\n'));
  const control = rig.path('control.sock');
  const vassal = await rig.vassal(['uwsgi.ini'], { environment: { [CONTROL_SOCKET_VARIABLE]: control } });
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { port, control };
}

test('the status counts requests, tells how long they took, and what the whole vassal uses', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, control } = await start(rig, ['app-queue = 5']);
  const status = (): Promise<ControlStatus> => askControl(control, { request: 'status' });
  const slow = [ask(port, 'GET /slow'), ask(port, 'GET /slow'), ask(port, 'GET /slow')];
  await until('one runs and two wait', async () => {
    const { inFlight, queueDepth, workers } = await status();
    return inFlight === 1 && queueDepth === 2 && workers.busy === 1;
  });
  await Promise.all(slow);
  await ask(port, 'GET /raises');
  const figures = await until('all are counted', async () => {
    const now = await status();
    return now.requests === 4 && now;
  });
  assert.deepEqual(figures.responses, { '1xx': 0, '2xx': 3, '3xx': 0, '4xx': 0, '5xx': 1 });
  assert.deepEqual(figures.workers, { total: 1, busy: 0, idle: 1, maximum: 1 });
  assert.equal(figures.exceptions, 1);
  assert.equal(figures.queueLimit, 5);
  // The last slow one waited for two others; the one that raised took no time.
  for (const [times, seconds] of [
    [figures.serviceTime, 0.3],
    [figures.queueTime, 0.3],
    [figures.latency, 0.6],
  ] as const) {
    assert.equal(
      times?.counts.reduce((sum, count) => sum + count, 0),
      4,
    );
    assert.ok(times.sumSeconds > 0.9 * seconds && times.sumSeconds < 5 * seconds, `${times.sumSeconds} s`);
  }
  const { requestsPerSecond = 0, p50Ms, p99Ms, errors } = figures.recent ?? {};
  assert.ok(requestsPerSecond > 0.1 && requestsPerSecond <= 40, `${requestsPerSecond} a second`);
  assert.ok(Number(p50Ms) < Number(p99Ms) && Number(p99Ms) > 250, `${p50Ms} and ${p99Ms} ms`);
  assert.equal(errors, 1);
  assert.deepEqual(
    figures.processes?.map(({ role }) => role),
    ['vassal', 'zygote', 'worker 1'],
  );
  const { privateBytes = 0 } = figures.memory ?? {};
  assert.ok(privateBytes > 5e6 && privateBytes < 100e6, `${privateBytes} bytes`);
  assert.ok(Number(figures.cpuSeconds) > 0.05, `${figures.cpuSeconds} s`);
});

test(
  'app-queue bounds how many requests wait: what comes beyond gets 503 and is told when to come again',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { port, control } = await start(rig, ['app-queue = 1', 'app-queue-retry-after = 7']);
    await ask(port, 'GET /slow'); // from now on the app is known to be slow
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(port, 'GET /slow')));
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual(
      statuses.filter((status) => status !== 200),
      [503, 503],
    );
    const refused = answers.find(({ status }) => status === 503);
    assert.match(refused?.head ?? '', /^Retry-After: 7\r$/m);
    assert.equal((await askControl<ControlStatus>(control, { request: 'status' })).queueRefused, 2);
  },
);

test('a reload over the control socket tells how it ended, and so does the status', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { control } = await start(rig, []);
  const reload = (): Promise<ControlReload> => askControl(control, { request: 'reload', wait: true });
  assert.equal((await reload()).outcome, 'done');
  rig.write('app.py', 'import nothing_of_that_name\n');
  const refused = await reload();
  assert.deepEqual([refused.outcome, refused.reason], ['refused', 'the new code does not load']);
  const { reloads, lastReload, state } = await askControl<ControlStatus>(control, { request: 'status' });
  assert.deepEqual([reloads, lastReload, state], [1, refused, 'serving']);
});
