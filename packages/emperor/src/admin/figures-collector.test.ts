import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ControlServer } from '../testing/control-server.ts';
import { FiguresCollector } from './figures-collector.ts';

test('FiguresCollector shows what every vassal tells', async () => {
  await using one = await ControlServer.listen(() => '{"requests":1}\n');
  await using two = await ControlServer.listen(() => '{"requests":2}\n');
  const collected = await new FiguresCollector().collect([
    { name: 'one.ini', socketPath: one.path },
    { name: 'two.ini', socketPath: two.path },
  ]);
  assert.deepEqual(
    [...collected].map(([name, { figures, isAnswering }]) => [name, figures?.requests, isAnswering]),
    [
      ['one.ini', 1, true],
      ['two.ini', 2, true],
    ],
  );
});

test('FiguresCollector waits for a hung vassal once, keeps its last figures, and asks it again when it has given up', async () => {
  let isHung = false;
  await using server = await ControlServer.listen(() => (isHung ? undefined : '{"requests":5}\n'));
  const collector = new FiguresCollector();
  const sources = [{ name: 'a.ini', socketPath: server.path }];
  await collector.collect(sources);
  isHung = true;
  await collector.collect(sources);
  const third = await collector.collect(sources);
  assert.equal(third.get('a.ini')?.figures?.requests, 5);
  assert.equal(server.questions, 2);
});

test('FiguresCollector forgets the figures of a process that is gone', async () => {
  await using server = await ControlServer.listen(() => '{"requests":5}\n');
  const collector = new FiguresCollector();
  await collector.collect([{ name: 'a.ini', socketPath: server.path }]);
  const collected = await collector.collect([{ name: 'a.ini', socketPath: `${server.path}.next` }]);
  assert.equal(collected.get('a.ini')?.figures, undefined);
});
