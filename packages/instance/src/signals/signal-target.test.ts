import assert from 'node:assert/strict';
import test from 'node:test';

import type { AppServer, Companion } from '@emperor/worker';

import { deliver, readReceiver } from './signal-target.ts';

/** An app with three mules, of which the first runs a script and the second is busy. */
function makeApp(raised: string[]): AppServer {
  const mule = (number: number, more: Partial<Companion>): Companion =>
    ({
      number,
      groups: [],
      obeysSignals: true,
      isBusy: false,
      raise: () => raised.push(`mule${number}`),
      ...more,
    }) as Companion;
  const mules = [
    mule(1, { obeysSignals: false, groups: ['farm'] }),
    mule(2, { isBusy: true, groups: ['farm'] }),
    mule(3, {}),
  ];
  return {
    raise: (_signal: number, target: { kind: string }) => raised.push(`worker ${target.kind}`),
    companionsOf: (role: string) => (role === 'mule' ? mules : []),
  } as unknown as AppServer;
}

for (const [target, expected] of [
  ['', ['worker any']],
  ['worker', ['worker any']],
  ['active-workers', ['worker all']],
  ['worker2', ['worker number']],
  ['mule', ['mule3']],
  ['mules', ['mule1', 'mule2', 'mule3']],
  ['mule2', ['mule2']],
  ['mule9', []],
  ['farm_farm', ['mule1']],
  ['farm_other', []],
  ['spooler', []],
] as const)
  test(`the target "${target}" of a signal is ${expected.join(', ') || 'nobody'}`, () => {
    const raised: string[] = [];
    const receiver = readReceiver(target);
    assert.ok(receiver !== undefined);
    deliver(makeApp(raised), 7, receiver);
    assert.deepEqual(raised, expected);
  });

test('a target that means nothing is no receiver', () => {
  assert.deepEqual(['nonsense', 'workerX', 'farm_', 'mulex'].map(readReceiver), Array(4).fill(undefined));
});
