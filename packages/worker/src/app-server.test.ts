import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { AppServerRig } from './testing/app-server-rig.ts';

const TUTORIAL = fileURLToPath(new URL('../../../deploy/www/project/code', import.meta.url));

test("AppServer answers with the tutorial's app and prints uWSGI's lines", async () => {
  await using rig = await AppServerRig.started('app', { app: { pythonpath: [TUTORIAL] } });
  const exchange = await rig.get();
  assert.deepEqual(exchange.head, { status: 200, reason: 'OK', headers: ['Content-Type', 'text/html'] });
  assert.match(exchange.text, /^\n <!DOCTYPE html>[^]*<\/html>$/);
  const { pid, workerId, app, appRequests, switches, core } = exchange.record;
  assert.deepEqual(
    { pid, workerId, app, appRequests, switches, core },
    { pid: rig.server.workers[0]?.pid, workerId: 1, app: 0, appRequests: 1, switches: 1, core: 0 },
  );
  const expected = [
    /^Python version: 3\.\d+\.\d+.* \(.*\) ?\[.*\]$/,
    /^added .*project\/code\/ to pythonpath\.$/,
    /^WSGI app 0 \(mountpoint=''\) ready in 0 seconds on interpreter 0x[0-9a-f]+ pid: \d+ \(default app\)$/,
    /^spawned uWSGI worker 1 \(pid: \d+, cores: 1\)$/,
  ];
  assert.equal(rig.lines.length, expected.length, rig.lines.join('\n'));
  expected.forEach((pattern, index) => assert.match(rig.lines[index] ?? '', pattern));
});

test('AppServer answers many requests at once, each with its own', async () => {
  await using rig = await AppServerRig.started('echo', { processes: 2 });
  const exchanges = await Promise.all(
    Array.from({ length: 500 }, (_, i) => rig.get({ PATH_INFO: `/${i}`, REQUEST_METHOD: 'POST' }, `body ${i}`)),
  );
  exchanges.forEach((exchange, i) => assert.equal(exchange.text, `POST /${i} body ${i}`));
});
