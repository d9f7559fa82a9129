import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import { FakeBody } from './testing/fake-exchange.ts';
import { Fifos } from './testing/fifo.ts';

const fifos = new Fifos();

after(() => fifos[Symbol.dispose]());

test('a worker runs as many requests at once as it has threads', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { threads: 3 });
  assert.match(rig.lines.join('\n'), /spawned uWSGI worker 1 \(pid: \d+, cores: 3\)/);
  const paths = [fifos.make(), fifos.make()];
  const waiting = paths.map((path) => rig.send({ PATH_INFO: '/waits', QUERY_STRING: path }));
  const quick = await rig.get('/quick');
  assert.match(quick.text, /^quick \d+ (MainThread|uWSGIWorker1Core[12])$/);
  for (const path of paths) await fifos.release(path);
  await Promise.all(waiting.map(({ done }) => done));
  const cores = [...waiting, quick].map(({ record }) => record.core);
  assert.deepEqual(
    cores.toSorted((a, b) => a - b),
    [0, 1, 2],
  );
});

test('threads that read bodies, stream and wait do not disturb each other', async () => {
  await using rig = await AppServerRig.started('takes_its_time', { threads: 4 });
  const bodies = Array.from({ length: 4 }, () => new FakeBody(undefined));
  const asked = bodies.map(
    (body) =>
      new Promise<void>((resolve) => {
        body.onReceive = resolve;
      }),
  );
  const exchanges = bodies.map((body) => rig.send('/answers_while_reading', body));
  await Promise.all(asked);
  for (let round = 1; round <= 50; round++) {
    for (const body of bodies) body.receiver?.onBodyData(Buffer.from('a line\n'));
    await Promise.all(exchanges.map((exchange) => exchange.received('got a line\n'.length * round)));
  }
  for (const body of bodies) body.receiver?.onBodyEnd();
  await Promise.all(exchanges.map(({ done }) => done));
  for (const exchange of exchanges) assert.equal(exchange.text, 'got a line\n'.repeat(50));
});

test('threads share a load of quick requests', async () => {
  await using rig = await AppServerRig.started('echo', { threads: 4, processes: 2 });
  for (let round = 0; round < 10; round++) {
    const exchanges = await Promise.all(Array.from({ length: 100 }, (_, i) => rig.get(`/${i}`, `${i}`)));
    exchanges.forEach((exchange, i) => assert.equal(exchange.text, `GET /${i} ${i}`));
  }
});

test('uwsgi.core tells the thread', async () => {
  await using rig = await AppServerRig.started('wsgi_samples', { threads: 2, processes: 2 });
  const { text } = await rig.get('/shows_environ');
  assert.match(text, /^uwsgi\.core=[01]$/m);
  assert.match(text, /^wsgi\.multithread=True$/m);
  assert.match(text, /^wsgi\.multiprocess=True$/m);
});
