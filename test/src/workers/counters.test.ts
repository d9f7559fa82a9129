import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { startInstance } from '../instance/project.ts';

test('the requests of a worker are counted on over its processes', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['max-requests = 2', 'min-worker-lifetime = 0']);
  for (const number of [1, 2, 3]) {
    assert.equal((await ask(port, 'GET /')).status, 200);
    await vassal.waitForLog(new RegExp(`\\|app: 0\\|req: ${number}/${number}\\] `));
    if (number === 2) await vassal.waitForLog(/^Respawned uWSGI worker 1 /);
  }
});

test('cheaper-algo = manual follows the fifo, and a request brings back a worker when none is left', async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^fifo$/ });
  const { vassal, port } = await startInstance(rig, [
    'processes = 2',
    'cheaper = 1',
    'cheaper-algo = manual',
    'master-fifo = fifo',
  ]);
  await ask(port, 'GET /');
  rig.write('fifo', '+');
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  await ask(port, 'GET /');
  rig.write('fifo', '-');
  await vassal.waitForLog(/^uWSGI worker 1 cheaped\.$/);
  rig.write('fifo', '-');
  await vassal.waitForLog(/^uWSGI worker 2 cheaped\.$/);
  const mark = vassal.log.mark();
  assert.equal((await ask(port, 'GET /')).status, 200);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /, mark);
});

test('idle lets the workers go, and a request brings them back', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['processes = 2', 'idle = 1']);
  await vassal.waitForLog(/^workers have been inactive for more than 1 seconds \(\d+-\d+\)$/);
  await vassal.waitForLog(/^cheap mode enabled: waiting for socket connection\.\.\.$/);
  assert.equal((await ask(port, 'GET /')).status, 200);
  for (const id of [1, 2]) await vassal.waitForLog(new RegExp(`^Respawned uWSGI worker ${id} `));
});

test('cheap starts no worker before the first request', async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('app.py', 'def application(e, s):\n    s("200 OK", [])\n    return [b"done"]\n');
  rig.write('uwsgi.ini', `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:${port}\nmodule = app\ncheap = true\n`);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^cheap mode enabled: waiting for socket connection\.\.\.$/);
  assert.equal(vassal.log.find(/^spawned uWSGI worker/), undefined);
  assert.equal((await ask(port, 'GET /')).status, 200);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
});

test('die-on-idle ends the instance', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, ['idle = 1', 'die-on-idle = true']);
  assert.deepEqual(await vassal.waitForExit(), { code: 0, signal: null });
});
