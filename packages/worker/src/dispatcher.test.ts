import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import { Fifos } from './testing/fifo.ts';

const fifos = new Fifos();

after(() => fifos[Symbol.dispose]());

/** Makes the app server believe that the app is quick. */
async function warmUp(rig: AppServerRig): Promise<void> {
  for (let i = 0; i < 30; i++) await rig.get('/quick');
}

test('Dispatcher gives requests to idle workers first', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 3 });
  const paths = [fifos.make(), fifos.make()];
  const waiting = paths.map((path) => rig.send({ PATH_INFO: '/waits', QUERY_STRING: path }));
  assert.equal((await rig.get('/quick')).record.workerId, 3);
  for (const path of paths) await fifos.release(path);
  await Promise.all(waiting.map(({ done }) => done));
  assert.deepEqual(
    waiting.map(({ record }) => record.workerId).toSorted((a, b) => a - b),
    [1, 2],
  );
});

test('Dispatcher keeps requests in one queue while all workers are busy with a slow app', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 2 });
  const paths = [fifos.make(), fifos.make()];
  const [first] = paths.map((path) => rig.send({ PATH_INFO: '/waits', QUERY_STRING: path }));
  const quick = [rig.send('/quick'), rig.send('/quick')];
  assert.equal(rig.server.queueLength, 2);
  await fifos.release(paths[0] ?? '');
  await first?.done;
  await Promise.all(quick.map(({ done }) => done));
  assert.deepEqual(
    quick.map(({ record }) => record.workerId),
    [1, 1],
  );
  await fifos.release(paths[1] ?? '');
});

test('a worker gets nothing behind a request while none has had to wait, however quick the app is', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  await warmUp(rig);
  const path = fifos.make();
  const slow = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  const quick = rig.send('/quick');
  assert.equal(rig.server.queueLength, 1);
  await fifos.release(path);
  await Promise.all([slow.done, quick.done]);
});

test('a request that turns out slow holds no other hostage', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 2 });
  await warmUp(rig);
  for (let round = 0; round < 5; round++) {
    const path = fifos.make();
    const quickBefore = Array.from({ length: 20 }, () => rig.send('/quick'));
    const slow = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
    const quickAfter = Array.from({ length: 20 }, () => rig.send('/quick'));
    await Promise.all([...quickBefore, ...quickAfter].map(({ done }) => done));
    assert.equal(slow.responded, false);
    // A worker that is known to be slow gets nothing more.
    const later = await Promise.all(Array.from({ length: 20 }, () => rig.get('/quick')));
    await fifos.release(path);
    await slow.done;
    for (const { record } of later) assert.notEqual(record.workerId, slow.record.workerId);
  }
});

test('a request that computes holds no other hostage', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { processes: 2 });
  await warmUp(rig);
  const path = fifos.path();
  const slow = rig.send({ PATH_INFO: '/streams_busily', QUERY_STRING: path });
  const quick = Array.from({ length: 20 }, () => rig.send('/quick'));
  await Promise.all(quick.map(({ done }) => done));
  await fifos.release(path);
  await slow.done;
});

test('Dispatcher answers 503 when the queue is full', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { queueLimit: 1 });
  const path = fifos.make();
  const slow = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  const queued = rig.send('/quick');
  const { head } = await rig.get('/quick');
  assert.deepEqual(head, {
    status: 503,
    reason: 'Service Unavailable',
    headers: ['Retry-After', '1', 'Content-Type', 'text/plain'],
  });
  await fifos.release(path);
  await Promise.all([slow.done, queued.done]);
  assert.equal(queued.status, 200);
});

test('a request whose client went away while it waited is not run', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  const path = fifos.make();
  const slow = rig.send({ PATH_INFO: '/waits', QUERY_STRING: path });
  const gone = rig.send('/quick');
  gone.leave();
  await fifos.release(path);
  await slow.done;
  assert.equal((await rig.get('/quick')).record.appRequests, 2);
  assert.equal(gone.responded, false);
});

test('pause lets requests wait until resume', async () => {
  await using rig = await AppServerRig.started('takes_its_time');
  rig.server.pause();
  const waiting = [rig.send('/quick'), rig.send('/quick')];
  assert.equal(rig.server.queueLength, 2);
  rig.server.resume();
  await Promise.all(waiting.map(({ done }) => done));
});
