import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import { Fifos } from './testing/fifo.ts';

const fifos = new Fifos();

after(() => fifos[Symbol.dispose]());

test('Pool starts with cheaper-initial workers, adds some when all are busy and lets them go when idle', async () => {
  const cheaper = { minimum: 1, initial: 1, step: 2, overload: 1 };
  await using rig = await AppServerRig.started('takes_its_time', { processes: 3, cheaper });
  assert.deepEqual(
    rig.server.workers.map(({ status }) => status),
    ['idle', 'cheap', 'cheap'],
  );
  const path = fifos.make();
  const waiting = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  await rig.line(/^spawned uWSGI worker 3 \(pid: \d+, cores: 1\)$/);
  await fifos.release(path);
  await waiting.done;
  const [, pid] = /pid: (\d+)/.exec(await rig.line(/^worker 1 killed successfully \(pid: \d+\)$/)) ?? [];
  assert.equal(
    rig.lines[rig.lines.findIndex((line) => line.includes(`killed successfully (pid: ${pid})`)) + 1],
    'uWSGI worker 1 cheaped.',
  );
  await rig.line(/^uWSGI worker 2 cheaped\.$/);
  assert.deepEqual(
    rig.server.workers.map(({ status }) => status),
    ['cheap', 'cheap', 'idle'],
  );
  assert.equal((await rig.get('/quick')).record.workerId, 3);
});

test('Pool kills a worker whose request takes too long, says which, and shows where it hangs', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { harakiriSeconds: 1 });
  const pid = rig.server.workers[0]?.pid ?? 0;
  const stuck = rig.send({
    PATH_INFO: '/waits',
    QUERY_STRING: fifos.make(),
    REQUEST_URI: '/waits?x',
    REMOTE_ADDR: '127.0.0.9',
  });
  await stuck.done;
  assert.equal(stuck.abortReason, 'its worker died');
  await rig.line(/^Respawned uWSGI worker 1 \(new pid: \d+\)$/);
  const first = rig.lines.findIndex((line) => line.includes('HARAKIRI'));
  const expected = [
    new RegExp(`^\\*\\*\\* HARAKIRI ON WORKER 1 \\(pid: ${pid}, try: 1\\) \\*\\*\\*$`),
    /^HARAKIRI !!! worker 1 status !!!$/,
    /^HARAKIRI \[core 0\] 127\.0\.0\.9 - GET \/waits\?x since \d{10}$/,
    /^HARAKIRI !!! end of worker 1 status !!!$/,
    new RegExp(`^DAMN ! worker 1 \\(pid: ${pid}\\) died, killed by signal 9 :\\( trying respawn \\.\\.\\.$`),
  ];
  expected.forEach((pattern, index) => assert.match(rig.lines[first + index] ?? '', pattern));
  assert.match(rig.output, /File ".*takes_its_time\.py", line \d+ in until_file/);
  assert.equal((await rig.get('/quick')).status, 200);
});

test('Pool replaces a worker after max-requests and loses none', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { maxRequests: 10 });
  const pid = rig.server.workers[0]?.pid ?? 0;
  const answers = await Promise.all(Array.from({ length: 100 }, () => rig.get('/quick')));
  for (const { status } of answers) assert.equal(status, 200);
  assert.ok(new Set(answers.map(({ record }) => record.pid)).size > 2);
  assert.ok(rig.lines.includes(`...The work of process ${pid} is done. Seeya!`));
  await rig.line(new RegExp(`^worker 1 killed successfully \\(pid: ${pid}\\)$`));
  assert.match(rig.lines.join('\n'), /^Respawned uWSGI worker 1 \(new pid: \d+\)$/m);
});

test('Pool does not replace a worker before its minimum lifetime', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { maxRequests: 2, minWorkerLifetimeSeconds: 60 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => rig.get('/quick')));
  assert.equal(new Set(answers.map(({ record }) => record.pid)).size, 1);
});

test('Pool replaces a worker that holds too much memory', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { reloadOnRssBytes: 1 });
  const pid = rig.server.workers[0]?.pid ?? 0;
  await rig.line(/replaced \(reload-on-\*\)/);
  await rig.line(new RegExp(`^worker 1 killed successfully \\(pid: ${pid}\\)$`));
});

test('reloadWorkers replaces all workers at once and loses no request', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 2 });
  const pids = rig.server.workers.map(({ pid }) => pid);
  const answers = Array.from({ length: 50 }, () => rig.get('/quick'));
  await rig.server.reloadWorkers('all');
  for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
  assert.ok(rig.lines.includes(`Gracefully killing worker 1 (pid: ${pids[0]})...`));
  assert.equal(
    rig.server.workers.some(({ pid }) => pids.includes(pid)),
    false,
  );
});

test("reloadWorkers('chain') replaces one after the other", async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 2, app: { lazyApps: true } });
  const pids = rig.server.workers.map(({ pid }) => pid);
  await rig.server.reloadWorkers('chain');
  for (const pid of pids) await rig.line(new RegExp(`killed successfully \\(pid: ${pid}\\)`));
  const story = rig.lines.filter((line) => /chain|Gracefully|Respawned/.test(line));
  const now = rig.server.workers.map(({ pid }) => pid);
  assert.deepEqual(story, [
    'chain next victim is worker 1',
    `Gracefully killing worker 1 (pid: ${pids[0]})...`,
    'chain is still waiting for worker 1...',
    `Respawned uWSGI worker 1 (new pid: ${now[0]})`,
    'chain next victim is worker 2',
    `Gracefully killing worker 2 (pid: ${pids[1]})...`,
    'chain is still waiting for worker 2...',
    `Respawned uWSGI worker 2 (new pid: ${now[1]})`,
    'chain reloading complete',
  ]);
});

test('Pool lets all workers go when idle, and a request brings them back', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 2, idleSeconds: 1 });
  await rig.until(() => rig.events.some(({ type }) => type === 'idle'));
  assert.match(await rig.line(/inactive/), /^workers have been inactive for more than 1 seconds \(\d+-\d+\)$/);
  await rig.line(/^cheap mode enabled: waiting for socket connection\.\.\.$/);
  await rig.until(() => rig.events.filter(({ type }) => type === 'worker-exited').length === 2);
  assert.deepEqual(
    rig.server.workers.map(({ status, pid }) => [status, pid]),
    [
      ['cheap', 0],
      ['cheap', 0],
    ],
  );
  assert.equal((await rig.get('/quick')).status, 200);
  await rig.line(/^Respawned uWSGI worker 2 /);
});

test('Pool starts no worker before the first request when it starts cheap', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { startsCheap: true });
  assert.equal(rig.server.workers[0]?.pid, 0);
  assert.equal((await rig.get('/quick')).status, 200);
});

test('changeWorkers adds and removes workers', async () => {
  await using rig = await AppServerRig.started('takes_its_time', {
    processes: 2,
    cheaper: { minimum: 1, initial: 1, step: 1, overload: 3, algorithm: 'manual' },
  });
  rig.server.changeWorkers(1);
  await rig.line(/^spawned uWSGI worker 2/);
  rig.server.changeWorkers(-1);
  await rig.line(/^uWSGI worker 1 cheaped\.$/);
});
