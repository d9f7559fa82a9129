import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

function callsOf(...actions: readonly string[]): { calls: unknown[]; log: readonly string[]; reachedApp: boolean } {
  const calls: unknown[] = [];
  const call = (name: string, args: readonly unknown[]): void => {
    if (args[0] === 'none') throw new Error('there is no such metric');
    calls.push([name, ...args]);
  };
  const rules = actions.map((action) => `route-run = ${action}`);
  const { log, reachedApp } = visit(rules, '/?5', { settings: { call } });
  return { calls, log, reachedApp };
}

test('signal raises a signal, and the request goes on', () => {
  const { calls, reachedApp } = callsOf('signal:17');
  assert.deepEqual(calls, [['signal', 17]]);
  assert.equal(reachedApp, true);
  assert.deepEqual(complaintsOf('route-run = signal:300'), [
    'error: invalid route syntax: signal: needs a number from 0 to 255, not "300"',
  ]);
});

test('actions on metrics change them by a number, or by 1', () => {
  assert.deepEqual(callsOf('metricinc:hits', 'metricdec:hits,${QUERY_STRING}', 'metricset:hits,x').calls, [
    ['metric_inc', 'hits', 1],
    ['metric_dec', 'hits', 5],
    ['metric_set', 'hits', 0],
  ]);
  assert.deepEqual(callsOf('metricmul:hits,2', 'metricdiv:hits,3').calls, [
    ['metric_mul', 'hits', 2],
    ['metric_div', 'hits', 3],
  ]);
});

test('what a part of the instance cannot do costs a line in the log', () => {
  const { log, reachedApp } = callsOf('metricinc:none');
  assert.deepEqual(log, ['[uwsgi-route] metric_inc(none, 1): there is no such metric']);
  assert.equal(reachedApp, true);
});
