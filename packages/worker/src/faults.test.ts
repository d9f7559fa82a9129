import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import { Fifos } from './testing/fifo.ts';

const fifos = new Fifos();

after(() => fifos[Symbol.dispose]());

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a killed worker is replaced without importing the app again', async () => {
  const environment = { ...process.env, IMPORT_SECONDS: '2' };
  await using rig = await AppServerRig.started('slow_import', { environment });
  const pid = rig.server.workers[0]?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  const killedAt = performance.now();
  await rig.until(() => rig.events.some(({ type }) => type === 'worker-exited'));
  assert.equal((await rig.get()).text, 'imported');
  const gapMs = performance.now() - killedAt;
  // Its import takes two seconds; `npm run bench` measures how much faster it is.
  assert.ok(gapMs < 1000, `${gapMs} ms`);
  const replacement = rig.server.workers[0]?.pid ?? 0;
  const lines = rig.lines.slice(-2);
  assert.deepEqual(lines, [
    `DAMN ! worker 1 (pid: ${pid}) died, killed by signal 9 :( trying respawn ...`,
    `Respawned uWSGI worker 1 (new pid: ${replacement})`,
  ]);
});

test('a worker that dies takes only the request it ran along', async () => {
  await using rig = await AppServerRig.started('ends_itself', { processes: 2 });
  for (let i = 0; i < 30; i++) await rig.get('/says_pid');
  const others = Array.from({ length: 20 }, () => rig.send('/says_pid'));
  const fatal = rig.send('/exits_the_process');
  const later = Array.from({ length: 20 }, () => rig.send('/says_pid'));
  await Promise.all([...others, ...later, fatal].map(({ done }) => done));
  assert.equal(fatal.abortReason, 'its worker died');
  const lost = [...others, ...later].filter(({ abortReason }) => abortReason !== undefined);
  assert.deepEqual(lost, []);
  assert.match(await rig.line(/DAMN/), /^DAMN ! worker \d \(pid: \d+\) died :\( trying respawn \.\.\.$/);
});

test('a request that may change something and was not begun is done by the next worker', async () => {
  await using rig = await AppServerRig.started('ends_itself', { threads: 1 });
  for (let i = 0; i < 30; i++) await rig.get('/says_pid');
  const fatal = rig.send('/kills_itself');
  const post = rig.send({ PATH_INFO: '/says_pid', REQUEST_METHOD: 'POST' });
  await Promise.all([fatal.done, post.done]);
  assert.equal(fatal.abortReason, 'its worker died');
  assert.equal(post.status, 200);
});

test('a worker that keeps dying is started again with a growing delay', async () => {
  await using rig = await AppServerRig.started('ends_itself');
  await rig.get('/exits_the_process');
  assert.equal((await rig.get('/says_pid')).text, String(rig.server.workers[0]?.pid), 'at once after the first death');
  await rig.get('/exits_the_process');
  assert.equal((await rig.get('/says_pid')).status, 200);
  assert.match(
    await rig.line(/too fast/),
    /^worker respawning too fast !!! i have to sleep a bit \(0\.1 seconds\)\.\.\.$/,
  );
});

test('workers live on without their zygote, and a new one forks the next', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  const zygote = rig.server.zygotePid ?? 0;
  const worker = rig.server.workers[0]?.pid ?? 0;
  const path = fifos.make();
  const waiting = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  process.kill(zygote, 'SIGKILL');
  await rig.line(/^the zygote \(pid: \d+\) died: it was killed by SIGKILL; trying respawn \.\.\.$/);
  await fifos.release(path);
  await waiting.done;
  assert.equal(waiting.text, 'waited');
  assert.equal((await rig.get('/quick')).record.pid, worker);
  process.kill(worker, 'SIGKILL');
  await rig.until(() => rig.events.some(({ type }) => type === 'worker-exited'));
  const next = await rig.get('/quick');
  assert.equal(next.status, 200);
  assert.notEqual(next.record.pid, worker);
  assert.notEqual(rig.server.zygotePid, zygote);
});

test('zygote and worker killed together are both replaced', async () => {
  await using rig = await AppServerRig.started('echo');
  process.kill(rig.server.zygotePid ?? 0, 'SIGKILL');
  process.kill(rig.server.workers[0]?.pid ?? 0, 'SIGKILL');
  await rig.until(() => rig.events.some(({ type }) => type === 'worker-exited'));
  assert.equal((await rig.get()).status, 200);
});

test('a child that an app forks and lets return disturbs nobody', async () => {
  await using rig = await AppServerRig.started('ends_itself');
  for (let i = 0; i < 3; i++) assert.equal((await rig.get('/forks_and_returns')).text, 'parent');
  assert.equal((await rig.get('/says_pid')).text, String(rig.server.workers[0]?.pid));
});

test('an app that closes its standard streams goes on', async () => {
  await using rig = await AppServerRig.started('ends_itself');
  assert.equal((await rig.get('/closes_standard_streams')).text, 'closed');
  assert.equal((await rig.get('/says_pid')).status, 200);
  assert.equal((await rig.get('/nothing_there')).status, 500);
});

test('an app that writes into the channel of its worker loses its worker and nothing else', async () => {
  await using rig = await AppServerRig.started('ends_itself');
  assert.equal((await rig.get('/writes_into_the_channel')).abortReason, 'its worker died');
  assert.match(await rig.line(/nonsense/), /^worker 1 \(pid: \d+\) talks nonsense and is killed: worker channel: /);
  assert.equal((await rig.get('/says_pid')).status, 200);
});

test('an app that floods its log is answered', async () => {
  await using rig = await AppServerRig.started('ends_itself');
  assert.equal((await rig.get('/floods_stderr')).text, 'flooded');
});

test('an app that eats all memory it may have fails, and its worker goes on', async () => {
  await using rig = await AppServerRig.started('ends_itself', { limitAsBytes: 1_000_000_000 });
  const { pid } = (await rig.get('/says_pid')).record;
  assert.equal((await rig.get('/eats_memory')).status, 500);
  assert.match(rig.output, /MemoryError/);
  assert.equal((await rig.get('/says_pid')).record.pid, pid);
});

test('an app that blocks SIGTERM is stopped in order all the same', async () => {
  await using rig = await AppServerRig.started('ends_itself');
  assert.equal((await rig.get('/blocks_sigterm')).text, 'blocked');
  const began = performance.now();
  await rig.stop();
  assert.ok(performance.now() - began < 1000);
  assert.match(rig.output, /atexit in/);
});

test('logStacks writes the stacks of the workers to the log', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  const path = fifos.make();
  const waiting = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  const released = fifos.release(path);
  await released;
  await waiting.done;
  rig.server.logStacks();
  while (!/most recent call first/.test(rig.output)) await rig.get('/quick');
});

test('SIGTERM to a worker lets it finish, and a new one takes its place', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  const pid = rig.server.workers[0]?.pid ?? 0;
  const path = fifos.make();
  const waiting = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  await fifos.release(path);
  process.kill(pid, 'SIGTERM');
  await waiting.done;
  assert.equal(waiting.text, 'waited');
  await rig.line(new RegExp(`^worker 1 killed successfully \\(pid: ${pid}\\)$`));
  assert.notEqual((await rig.get('/quick')).record.pid, pid);
});

test('AppServer.stop lets requests finish, runs atexit in the workers and leaves no process', async () => {
  const rig = await AppServerRig.started('ends_itself', { processes: 2 });
  const pids = [rig.server.zygotePid ?? 0, ...rig.server.workers.map(({ pid }) => pid)];
  const exchanges = Array.from({ length: 10 }, () => rig.send('/says_pid'));
  await rig.stop();
  for (const exchange of exchanges) assert.equal(exchange.status, 200);
  for (const pid of pids) assert.equal(isRunning(pid), false, `${pid} is still there`);
  const { output } = rig;
  assert.deepEqual(
    [...output.matchAll(/atexit in (\d+)/g)].map(([, pid]) => Number(pid)).toSorted((a, b) => a - b),
    pids.slice(1).toSorted((a, b) => a - b),
  );
  await rig[Symbol.asyncDispose]();
});

test('AppServer.stop kills a worker that does not come to its end', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  const waiting = rig.send({ PATH_INFO: '/waits', QUERY_STRING: fifos.make() });
  await rig.stop(100);
  assert.equal(waiting.abortReason, 'its worker died');
});
