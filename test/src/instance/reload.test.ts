import assert from 'node:assert/strict';
import { rmSync, utimesSync } from 'node:fs';
import { test } from 'node:test';

import { ask, HttpClient, request } from '../rig/http-client.ts';
import { Load } from '../rig/load.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { reloaded, startInstance, writeApp } from './project.ts';

async function answers(port: number): Promise<string> {
  return (await ask(port, 'GET /')).body.toString();
}

test('SIGHUP brings new code into service and loses no request', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['processes = 2', 'disable-logging = true']);
  await using load = new Load({ port, clients: 8, keepAlive: true });
  await using churn = new Load({ port, clients: 2, keepAlive: false });
  for (const words of ['second', 'third']) {
    await load.more(100);
    writeApp(rig, words);
    const mark = vassal.log.mark();
    process.kill(vassal.pid, 'SIGHUP');
    await vassal.waitForLog(reloaded, mark);
    await until(`${words} is served`, async () => (await answers(port)) === words);
  }
  await load.more(100);
  await churn.more(10);
  assert.equal(load.bad, 0, load.summary());
  assert.equal(churn.bad, 0, churn.summary());
  assert.equal(vassal.exit, undefined);
});

test(
  'a reload keeps connections open, and a request that has begun is answered by the code it began with',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { vassal, port } = await startInstance(rig, []);
    await using client = await HttpClient.connect(port);
    client.send(request('GET /', { Connection: 'keep-alive' }));
    assert.equal((await client.answer()).body.toString(), 'first');
    writeApp(rig, 'second');
    process.kill(vassal.pid, 'SIGHUP');
    await vassal.waitForLog(reloaded);
    client.send(request('GET /', { Connection: 'keep-alive' }));
    assert.equal((await client.answer()).body.toString(), 'second');
  },
);

test('touch-reload reloads when the file is touched', async (t) => {
  await using rig = Rig.open(t);
  rig.write('reload-me', '');
  const { vassal, port } = await startInstance(rig, ['touch-reload = reload-me']);
  writeApp(rig, 'second');
  utimesSync(rig.path('reload-me'), new Date(), new Date(Date.now() + 5000));
  await vassal.waitForLog(/reload-me has been touched\.\.\. grace them all !!! \*\*\*$/);
  await vassal.waitForLog(reloaded);
  assert.equal(await answers(port), 'second');
});

test('a reload into a broken configuration changes nothing', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, []);
  rig.write('uwsgi.ini', '[uwsgi]\nstrict = true\nproceses = 4\n');
  process.kill(vassal.pid, 'SIGHUP');
  await vassal.waitForLog(/did you mean "processes"/);
  await vassal.waitForLog(/reload given up, the running configuration stays: the configuration has errors$/);
  assert.equal(await answers(port), 'first');
});

test('a reload into code that does not import changes nothing', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, []);
  rig.write('app.py', 'import nothing_of_that_name\n');
  process.kill(vassal.pid, 'SIGHUP');
  await vassal.waitForLog(/^ModuleNotFoundError: No module named 'nothing_of_that_name'$/);
  await vassal.waitForLog(/reload given up, the running configuration stays: the new code does not load$/);
  assert.equal(await answers(port), 'first');
  writeApp(rig, 'mended');
  process.kill(vassal.pid, 'SIGHUP');
  await vassal.waitForLog(reloaded);
  assert.equal(await answers(port), 'mended');
});

test('a reload without the config file changes nothing', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, []);
  rmSync(rig.path('uwsgi.ini'));
  process.kill(vassal.pid, 'SIGHUP');
  await vassal.waitForLog(/reload given up/);
  assert.equal(await answers(port), 'first');
});

test('a reload opens and closes the sockets that the new configuration adds and drops', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, []);
  const other = await rig.port();
  rig.write('uwsgi.ini', `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:${other}\nmodule = app\n`);
  process.kill(vassal.pid, 'SIGHUP');
  await vassal.waitForLog(reloaded);
  assert.equal(await answers(other), 'first');
  await assert.rejects(answers(port), { code: 'ECONNREFUSED' });
});
