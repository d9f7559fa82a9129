import assert from 'node:assert/strict';
import { test } from 'node:test';

import { statusOf } from './admin/status.ts';
import type { EmperorEvent } from './events.ts';
import { Realm } from './testing/realm.ts';

function after(...names: string[]): string {
  return `[uwsgi]\n\n[emperor]\nafter = ${names.join(' ')}\n`;
}

/** Which vassals have had an event of this type, in the order they had it. */
function order(realm: Realm, type: EmperorEvent['type']): string[] {
  return realm.events.flatMap((event) => (event.type === type && 'vassal' in event ? [event.vassal] : []));
}

test('a vassal starts when those it names are up, and stops before them', async () => {
  await using realm = new Realm({ patterns: ['*/*.ini'] });
  realm.put('1/well-behaved.ini', after('../2/well-behaved.ini'));
  realm.put('2/well-behaved.ini', after('3/says-when.ini'));
  realm.put('3/says-when.ini');
  await realm.emperor.start();
  assert.deepEqual((await realm.event('vassal-held-back', '2/well-behaved.ini')).by, ['3/says-when.ini']);
  const first = realm.emperor.vassals.get('1/well-behaved.ini');
  assert.ok(first !== undefined);
  const { state, reason } = statusOf(first, undefined);
  assert.deepEqual([state, reason], ['queued', 'starts when these are up: 2/well-behaved.ini']);
  realm.put('GO');
  await realm.event('vassal-loyal', '1/well-behaved.ini');
  const names = ['3/says-when.ini', '2/well-behaved.ini', '1/well-behaved.ini'];
  assert.deepEqual(order(realm, 'vassal-launched'), names);
  await realm.stop();
  assert.deepEqual(order(realm, 'vassal-removed'), names.toReversed());
});

test('a vassal waits for a file that is not there yet, and others do not wait for it', async () => {
  await using realm = await Realm.start(['well-behaved.ini']);
  realm.put('asks-for-help.ini', after('says-when.ini'));
  await realm.event('vassal-held-back', 'asks-for-help.ini');
  await realm.event('vassal-loyal', 'well-behaved.ini');
  realm.put('GO');
  realm.put('says-when.ini');
  await realm.event('vassal-ready', 'asks-for-help.ini');
});

test('vassals that wait for each other in a circle are named, and start', async () => {
  await using realm = new Realm({ patterns: ['*/*.ini'] });
  const names = ['1/well-behaved.ini', '2/well-behaved.ini'];
  const [one = '', two = ''] = names;
  realm.put(one, after(two));
  realm.put(two, after(one));
  await realm.emperor.start();
  assert.deepEqual((await realm.event('vassal-cycle')).names.toSorted(), names);
  for (const name of names) await realm.event('vassal-loyal', name);
});
