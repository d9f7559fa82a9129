import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readHookAction } from './hook-action.ts';
import { Realm } from '../testing/realm.ts';

const THROTTLE = { throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 } };

test('vassals-start-hook runs before a vassal with its name, vassals-stop-hook after it and before the next start', async () => {
  const hooks = {
    start: ['/bin/echo', 'up'],
    stop: ['/bin/sh', '-c', 'echo "down $0"; exit 4'],
    launched: [],
    emperorStart: [],
  };
  await using realm = await Realm.start(['exits-at-once.ini'], { ...THROTTLE, hooks });
  const name = 'exits-at-once.ini';
  await realm.event('vassal-exited', name);
  const lines = realm.events.flatMap((event) => (event.type === 'vassal-output' ? [event.line] : []));
  assert.ok(lines.includes(`up ${name}`), lines.join('\n'));
  assert.ok(lines.includes(`down ${name}`));
  assert.ok(lines.includes(`[emperor] ${name} start-hook returned 0`));
  assert.equal((await realm.event('vassal-hook-ended', name)).code, 4);
  const story = realm.story(name);
  assert.ok(story.indexOf('hook-ended') < story.indexOf('exited'), story.join(' '));
});

test('exec-as-emperor runs in the emperor when a vassal is launched, and knows it', async () => {
  const hooks = {
    start: undefined,
    stop: undefined,
    launched: [readHookAction('exec:echo "$UWSGI_VASSAL_CONFIG $UWSGI_VASSAL_PID"')],
    emperorStart: [],
  };
  await using realm = await Realm.start(['well-behaved.ini'], { hooks });
  const name = 'well-behaved.ini';
  const { pid } = await realm.event('vassal-launched', name);
  assert.equal((await realm.event('vassal-hook-ended', name)).code, 0);
  const lines = realm.events.flatMap((event) => (event.type === 'vassal-output' ? [event.line] : []));
  assert.ok(lines.includes(`${name} ${pid}`), lines.join('\n'));
});

test('a hook that is not there is told of, and the vassal runs', async () => {
  const hooks = { start: ['/no/such/hook'], stop: ['/no/such/hook'], launched: [], emperorStart: [] };
  await using realm = await Realm.start(['well-behaved.ini'], { hooks });
  await realm.event('vassal-loyal', 'well-behaved.ini');
  await realm.stop();
  assert.equal((await realm.event('vassal-hook-ended', 'well-behaved.ini')).code, 127);
});
