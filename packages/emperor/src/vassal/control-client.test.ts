import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ControlServer } from '../testing/control-server.ts';
import { askFigures } from './control-client.ts';

const ANSWER = {
  requests: 7,
  responses: { '2xx': 5, '5xx': 2 },
  bytesOut: 1234,
  workers: { total: 2, busy: 1, idle: 1 },
  queueDepth: 3,
  exceptions: 1,
  respawns: 4,
  openConnections: 6,
  addresses: ['http://127.0.0.1:8000'],
};

test('askFigures reads what a vassal tells', async () => {
  await using server = await ControlServer.listen(() => `${JSON.stringify(ANSWER)}\n`);
  assert.deepEqual(await askFigures(server.path, 1000), {
    ...ANSWER,
    responses: { '1xx': 0, '2xx': 5, '3xx': 0, '4xx': 0, '5xx': 2 },
  });
});

test('askFigures takes nonsense for no answer, and a wrong number for none', async () => {
  const answers = ['not json\n', '[]\n', '"text"\n', 'x'.repeat(1_100_000), '{"requests":-1,"workers":"many"}\n'];
  await using server = await ControlServer.listen(() => answers.shift());
  assert.equal(await askFigures(server.path, 1000), undefined);
  assert.equal(await askFigures(server.path, 1000), undefined);
  assert.equal(await askFigures(server.path, 1000), undefined);
  assert.equal(await askFigures(server.path, 1000), undefined);
  assert.equal((await askFigures(server.path, 1000))?.workers.total, 0);
});

test('askFigures gives up on a vassal that is silent, or not there', async () => {
  await using server = await ControlServer.listen(() => undefined);
  assert.equal(await askFigures(server.path, 20), undefined);
  assert.equal(await askFigures(`${server.path}.missing`, 1000), undefined);
});
