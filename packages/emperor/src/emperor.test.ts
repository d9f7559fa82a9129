import assert from 'node:assert/strict';
import { test } from 'node:test';

import { statusOf } from './admin/status.ts';
import { Realm, untilGone } from './testing/realm.ts';

test('an emperor starts every file and stops every vassal', async () => {
  await using realm = await Realm.start(['well-behaved.ini']);
  await realm.event('vassal-loyal', 'well-behaved.ini');
  await realm.stop();
  assert.deepEqual(realm.story('well-behaved.ini'), [
    'launched',
    'spawned',
    'ready',
    'loyal',
    'stopping',
    'exited',
    'removed',
  ]);
});

test('an emperor passes the name of the file as uWSGI does, and keeps what the vassal writes', async () => {
  await using realm = await Realm.start(['well-behaved.ini']);
  const { line } = await realm.event('vassal-output', 'well-behaved.ini');
  assert.equal(line, 'started with --ini well-behaved.ini');
  assert.deepEqual(realm.emperor.vassals.get('well-behaved.ini')?.lastLines, [line]);
});

test('an emperor finds a new file long before its next scan is due, in a directory that did not exist', async () => {
  await using realm = await Realm.start([], { patterns: ['sites/*/well-behaved.ini'] });
  realm.put('sites/first/readme.ini');
  realm.put('sites/new/well-behaved.ini');
  await realm.event('vassal-launched', 'sites/new/well-behaved.ini');
});

test('an emperor stops a vassal whose directory is gone, and starts it when it is back', async () => {
  await using realm = await Realm.start(['sites/a/well-behaved.ini'], { patterns: ['sites/*/well-behaved.ini'] });
  const name = 'sites/a/well-behaved.ini';
  await realm.event('vassal-loyal', name);
  realm.remove('sites/a');
  await realm.event('vassal-removed', name);
  const mark = realm.mark;
  realm.put(name);
  await realm.event('vassal-loyal', name, mark);
});

test('an emperor reloads a vassal that is touched; the process stays', async () => {
  await using realm = await Realm.start(['well-behaved.ini']);
  await realm.event('vassal-loyal', 'well-behaved.ini');
  const pid = realm.pid('well-behaved.ini');
  const mark = realm.mark;
  realm.touch('well-behaved.ini');
  await realm.event('vassal-ready', 'well-behaved.ini', mark);
  assert.equal(realm.pid('well-behaved.ini'), pid);
});

test('an emperor asked to reload reloads all', async () => {
  await using realm = await Realm.start(['well-behaved.ini', 'sub/well-behaved.ini'], {
    patterns: ['*.ini', 'sub/*.ini'],
  });
  await realm.event('vassal-loyal', 'well-behaved.ini');
  await realm.event('vassal-loyal', 'sub/well-behaved.ini');
  const mark = realm.mark;
  realm.emperor.reload('SIGHUP');
  await realm.event('vassal-ready', 'well-behaved.ini', mark);
  await realm.event('vassal-ready', 'sub/well-behaved.ini', mark);
});

test('an emperor respawns a vassal that keeps dying, later each time, and says why', async () => {
  await using realm = await Realm.start(['exits-at-once.ini']);
  const waits: number[] = [];
  for (let mark = 0; waits.length < 4; mark = realm.mark) {
    const { retryMs, exit } = await realm.event('vassal-exited', 'exits-at-once.ini', mark);
    assert.deepEqual(exit, { kind: 'code', code: 1 });
    waits.push(retryMs ?? 0);
  }
  for (const [index, wait] of waits.entries()) {
    const middle = 20 * 2 ** index;
    assert.ok(wait >= middle * 0.8 - 1 && wait <= middle * 1.2 + 1, waits.join(' '));
  }
  assert.ok(realm.emperor.vassals.get('exits-at-once.ini')?.lastLines.includes('no such module: nomod'));
});

test('a vassal that failed ten times in a row is told of once, with its last lines and the time of the next try', async () => {
  await using realm = await Realm.start(['exits-at-once.ini'], {
    throttle: { baseDelayMs: 1, maximumDelayMs: 1 },
  });
  const failing = await realm.event('vassal-failing', 'exits-at-once.ini');
  assert.deepEqual(failing.lastLines, ['no such module: nomod']);
  assert.deepEqual([failing.failures, failing.retryMs], [10, 1]);
  const mark = realm.mark;
  assert.equal((await realm.event('vassal-exited', 'exits-at-once.ini', mark)).failures, 11);
  assert.equal(realm.events.filter(({ type }) => type === 'vassal-failing').length, 1);
});

test('a vassal whose configuration is refused at its first start is invalid, with its diagnostics in the status', async () => {
  await using realm = await Realm.start(['exits-at-once.ini'], {
    throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 },
  });
  assert.equal((await realm.event('vassal-exited', 'exits-at-once.ini')).next, 'invalid');
  const vassal = realm.emperor.vassals.get('exits-at-once.ini');
  assert.ok(vassal !== undefined);
  const { state, reason, diagnostics, nextTry = '' } = statusOf(vassal, undefined);
  assert.deepEqual(
    [state, reason, diagnostics],
    ['invalid', 'exit status 1 before it was up, a first failure', ['no such module: nomod']],
  );
  assert.ok(Date.parse(nextTry) > Date.now());
});

test('a vassal that refuses its new configuration shows why, without the lines of its start', async () => {
  await using realm = await Realm.start(['refuses-reload.ini']);
  await realm.event('vassal-ready', 'refuses-reload.ini');
  realm.touch('refuses-reload.ini');
  await realm.event('vassal-reload-refused', 'refuses-reload.ini');
  await realm.event('vassal-output', 'refuses-reload.ini');
  const vassal = realm.emperor.vassals.get('refuses-reload.ini');
  assert.ok(vassal !== undefined);
  const { state, diagnostics, failing } = statusOf(vassal, undefined);
  assert.deepEqual([state, diagnostics, failing], ['invalid', ['bad.ini:3: unknown option'], false]);
});

test('an edit gives a throttled vassal another try at once', async () => {
  await using realm = await Realm.start(['exits-at-once.ini'], {
    throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 },
  });
  await realm.event('vassal-exited', 'exits-at-once.ini');
  const mark = realm.mark;
  realm.touch('exits-at-once.ini');
  assert.equal((await realm.event('vassal-exited', 'exits-at-once.ini', mark)).failures, 1);
});

test('a vassal that exits with 30 stays away until its file changes', async () => {
  await using realm = await Realm.start(['exits-30.ini']);
  assert.equal((await realm.event('vassal-exited', 'exits-30.ini')).next, 'exiled');
  const mark = realm.mark;
  realm.touch('exits-30.ini');
  await realm.event('vassal-launched', 'exits-30.ini', mark);
});

test('a vassal that is killed is reported with the signal', async () => {
  await using realm = await Realm.start(['killed-by-signal.ini']);
  const { exit } = await realm.event('vassal-exited', 'killed-by-signal.ini');
  assert.deepEqual(exit, { kind: 'signal', signal: 'SIGKILL' });
});

test('a vassal that hangs in its start holds up nobody, and is stopped with SIGTERM', async () => {
  await using realm = await Realm.start(['1/never-ready.ini', '2/never-ready.ini', '3/well-behaved.ini'], {
    patterns: ['*/*.ini'],
    // It is not killed.
    stopMercyMs: 600_000,
  });
  await realm.event('vassal-loyal', '3/well-behaved.ini');
  await realm.stop();
});

test('a vassal that does not stop is killed with all below it', async () => {
  await using realm = await Realm.start(['ignores-sigterm.ini'], { stopMercyMs: 200 });
  const child = Number((await realm.event('vassal-output', 'ignores-sigterm.ini')).line.split(' ')[1]);
  await realm.stop();
  assert.ok(realm.story('ignores-sigterm.ini').includes('killed'));
  await untilGone(child);
});

test('a vassal that dies leaves nothing of its process group behind', async () => {
  await using realm = await Realm.start(['leaves-a-child.ini'], {
    throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 },
  });
  const child = Number((await realm.event('vassal-output', 'leaves-a-child.ini')).line.split(' ')[1]);
  await realm.event('vassal-exited', 'leaves-a-child.ini');
  await untilGone(child);
});

test('a vassal has its last lines read before its exit is told', async () => {
  await using realm = await Realm.start(['exits-at-once.ini']);
  await realm.event('vassal-exited', 'exits-at-once.ini');
  const types = realm.events.map((event) => event.type);
  assert.ok(types.indexOf('vassal-output') < types.indexOf('vassal-exited'), types.join(' '));
});

test('a vassal that stops sending heartbeats is killed and started again', async () => {
  await using realm = await Realm.start(['loses-its-heartbeat.ini'], { heartbeatToleranceMs: 100 });
  await realm.event('vassal-silent', 'loses-its-heartbeat.ini');
  const { next } = await realm.event('vassal-exited', 'loses-its-heartbeat.ini');
  assert.equal(next, 'cursed');
});

test('a vassal that floods its log loses lines and nothing else', async () => {
  await using realm = await Realm.start(['floods-its-log.ini']);
  await realm.event('vassal-output-dropped', 'floods-its-log.ini');
  await realm.stop();
  const lines = realm.events.filter((event) => event.type === 'vassal-output').length;
  assert.ok(lines >= 2000 && lines < 10_000, `${lines} lines`);
});

test('a vassal that writes garbage on the emperor socket is no longer listened to', async () => {
  await using realm = await Realm.start(['babbles.ini', 'well-behaved.ini']);
  await realm.event('vassal-babbling', 'babbles.ini');
  await realm.event('vassal-loyal', 'well-behaved.ini');
});

test('a vassal that refuses its new configuration goes on', async () => {
  await using realm = await Realm.start(['refuses-reload.ini']);
  await realm.event('vassal-ready', 'refuses-reload.ini');
  const pid = realm.pid('refuses-reload.ini');
  realm.touch('refuses-reload.ini');
  await realm.event('vassal-reload-refused', 'refuses-reload.ini');
  assert.equal(realm.pid('refuses-reload.ini'), pid);
});

test('a router of a real uWSGI, which never says that it accepts, can be reloaded and stopped', async () => {
  await using realm = await Realm.start(['router.ini']);
  await realm.event('vassal-spawned', 'router.ini');
  realm.touch('router.ini');
  await realm.event('vassal-reloading', 'router.ini');
  assert.equal((await realm.event('vassal-output', 'router.ini')).line, 'reloaded');
});

test('a command that does not exist is a failure that names it', async () => {
  await using realm = await Realm.start(['no-such-fixture.ini']);
  const { exit } = await realm.event('vassal-exited', 'no-such-fixture.ini');
  assert.equal(exit.kind, 'launch-failed');
  assert.match(exit.kind === 'launch-failed' ? exit.problem : '', /no-such-fixture\.sh/);
});
