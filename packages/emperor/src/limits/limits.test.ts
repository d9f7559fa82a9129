import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { statusOf } from '../admin/status.ts';
import { describeExit } from '../vassal/vassal-exit.ts';
import { Realm, untilGone } from '../testing/realm.ts';
import { ControlGroups } from './control-groups.ts';
import { NO_LIMITS } from './resource-limits.ts';

function limited(...lines: string[]): string {
  return `[uwsgi]\n\n[emperor]\n${lines.join('\n')}\n`;
}

/** Why limits cannot be tried here, if they cannot. */
function obstacle(): string | false {
  try {
    new ControlGroups().make('trial', { ...NO_LIMITS, memoryBytes: 1e8 }).remove();
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}
const skip = obstacle();

test('a vassal that eats memory is killed at its limit, and the reason says so', { skip }, async () => {
  await using realm = new Realm({ throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 } });
  realm.put('eats-memory.ini', limited('limit-memory = 96m'));
  realm.put('well-behaved.ini');
  await realm.emperor.start();
  const { exit, next } = await realm.event('vassal-exited', 'eats-memory.ini');
  assert.equal(describeExit(exit), 'killed by the kernel, it needed more memory than its limit of 96 MB');
  assert.equal(next, 'cursed');
  const vassal = realm.emperor.vassals.get('eats-memory.ini');
  assert.ok(vassal !== undefined);
  assert.match(statusOf(vassal, undefined).reason ?? '', /needed more memory than its limit of 96 MB, a first failure/);
  assert.ok(realm.emperor.vassals.get('well-behaved.ini')?.isUp);
});

test('a vassal with limits takes even the daemons with it that it forked away', { skip }, async () => {
  await using realm = new Realm({ throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 } });
  realm.put('forks-away.ini', limited('limit-pids = 20'));
  await realm.emperor.start();
  const daemon = Number((await realm.event('vassal-output', 'forks-away.ini')).line.split(' ')[1]);
  await realm.event('vassal-exited', 'forks-away.ini');
  await untilGone(daemon);
});

test('a vassal whose limits are edited is started anew with them', { skip }, async () => {
  await using realm = new Realm();
  realm.put('well-behaved.ini', limited('limit-pids = 20'));
  await realm.emperor.start();
  await realm.event('vassal-loyal', 'well-behaved.ini');
  const mark = realm.mark;
  realm.put('well-behaved.ini', limited('limit-pids = 30'));
  await realm.event('vassal-launched', 'well-behaved.ini', mark);
});

test('a vassal whose limits are nonsense starts without them, and the emperor names the line', async () => {
  await using realm = new Realm();
  realm.put('well-behaved.ini', limited('limit-memory = lots', 'limit-cpu = -5'));
  await realm.emperor.start();
  await realm.event('vassal-loyal', 'well-behaved.ini');
  const problems = realm.events.flatMap((event) => (event.type === 'attribute-problem' ? [event.problem] : []));
  assert.match(problems[0] ?? '', /well-behaved\.ini:4: limit-memory = lots: /);
  assert.match(problems[1] ?? '', /well-behaved\.ini:5: limit-cpu = -5: /);
  assert.ok(existsSync(realm.directory));
});
