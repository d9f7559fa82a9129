import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Metrics } from './admin/metrics.ts';
import { EmperorFigures } from './admin/emperor-figures.ts';
import { statusOf, type VassalStatus } from './admin/status.ts';
import { Realm } from './testing/realm.ts';

const SLOW = { throttle: { baseDelayMs: 60_000, maximumDelayMs: 60_000 } };

/** A realm with one healthy vassal beside what is tried; it must not feel anything of it. */
async function beside(files: readonly string[], settings: ConstructorParameters<typeof Realm>[0] = {}): Promise<Realm> {
  const realm = await Realm.start([...files, 'neighbour/well-behaved.ini'], {
    patterns: ['*.ini', 'neighbour/*.ini'],
    ...settings,
  });
  await realm.event('vassal-loyal', 'neighbour/well-behaved.ini');
  return realm;
}

function assertUnaffected(realm: Realm): void {
  const story = realm.story('neighbour/well-behaved.ini');
  assert.deepEqual(story, ['launched', 'spawned', 'ready', 'loyal']);
}

/** The line of a metric of a vassal. */
async function metric(realm: Realm, name: string, vassal: string): Promise<string | undefined> {
  const statuses = [...realm.emperor.vassals.values()].map((each) => statusOf(each, undefined));
  const text = await metricsOf(realm, statuses);
  return text.split('\n').find((line) => line.startsWith(`${name}{vassal="${vassal}"`));
}

function metricsOf({ emperor }: Realm, statuses: readonly VassalStatus[] = []): Promise<string> {
  return new Metrics(new EmperorFigures(), () => emperor.problems.length).render(statuses);
}

function problems(realm: Realm): string[] {
  return realm.events.flatMap((event) => (event.type === 'monitor-problem' ? [event.problem] : []));
}

test('a vassal that exits at once is throttled, with the reason in the status and the failure in the metrics', async () => {
  await using realm = await beside(['exits-at-once.ini'], SLOW);
  await realm.event('vassal-exited', 'exits-at-once.ini');
  const vassal = realm.emperor.vassals.get('exits-at-once.ini');
  assert.ok(vassal !== undefined);
  const { state, reason, nextTry } = statusOf(vassal, undefined);
  assert.deepEqual([state, reason], ['invalid', 'exit status 1 before it was up, a first failure']);
  assert.ok(nextTry !== undefined);
  assert.equal(
    await metric(realm, 'emperor_vassal_failures', 'exits-at-once.ini'),
    'emperor_vassal_failures{vassal="exits-at-once.ini"} 1',
  );
  assertUnaffected(realm);
});

test('a vassal that hangs before it is ready shows as starting, and is not up', async () => {
  await using realm = await beside(['never-ready.ini']);
  const vassal = realm.emperor.vassals.get('never-ready.ini');
  assert.ok(vassal !== undefined);
  assert.equal(statusOf(vassal, undefined).state, 'starting');
  assert.equal(
    await metric(realm, 'emperor_vassal_up', 'never-ready.ini'),
    'emperor_vassal_up{vassal="never-ready.ini"} 0',
  );
  assertUnaffected(realm);
});

test('a vassal that forks away has ended for the emperor, and is throttled like any that ends', async () => {
  await using realm = await beside(['forks-away.ini'], SLOW);
  const daemon = Number((await realm.event('vassal-output', 'forks-away.ini')).line.split(' ')[1]);
  const { exit, next } = await realm.event('vassal-exited', 'forks-away.ini');
  assert.deepEqual([exit, next], [{ kind: 'code', code: 0 }, 'cursed']);
  process.kill(daemon, 'SIGKILL');
  assertUnaffected(realm);
});

test('a vassal whose file is replaced a hundred times a second is reloaded a few times a second, with the last one in the end', async () => {
  await using realm = await beside(['well-behaved.ini']);
  await realm.event('vassal-loyal', 'well-behaved.ini');
  const mark = realm.mark;
  const began = performance.now();
  let count = 0;
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      count += 1;
      realm.put('well-behaved.ini', `[uwsgi]\nset = count=${count}\n`);
      if (count < 100) return;
      clearInterval(timer);
      done();
    }, 10);
  });
  const last = realm.mark;
  await realm.event('vassal-reloading', 'well-behaved.ini', last);
  await realm.event('vassal-ready', 'well-behaved.ini', last);
  const reloads = realm.events.slice(mark).filter(({ type }) => type === 'vassal-reloading').length;
  // After an edit it waits for 50 ms whether there is another one; a slow machine has more time between them.
  assert.ok(reloads <= 2 + (performance.now() - began) / 50, `${reloads} reloads`);
  assertUnaffected(realm);
});

test('files that are none are told of once, and run by nobody', async () => {
  await using realm = new Realm({ patterns: ['*.ini', '/etc/passw?', 'neighbour/*.ini'] });
  realm.put('neighbour/well-behaved.ini');
  mkdirSync(join(realm.directory, 'directory.ini'));
  spawnSync('mkfifo', [join(realm.directory, 'fifo.ini')]);
  symlinkSync('/dev/null', join(realm.directory, 'device.ini'));
  symlinkSync('/no/such/file.ini', join(realm.directory, 'dangling.ini'));
  await realm.emperor.start();
  await realm.event('vassal-loyal', 'neighbour/well-behaved.ini');
  assert.deepEqual(
    problems(realm).map((each) => each.replaceAll(`${realm.directory}/`, '')),
    [
      'device.ini is a device, no regular file: it is not run',
      'directory.ini is a directory, no regular file: it is not run',
      'fifo.ini is a FIFO, no regular file: it is not run',
      '/etc/passw? matches /etc/passwd, but nothing with the extension of a configuration (.ini .yml .yaml .json .js .xml): nothing of it is run',
    ],
  );
  assert.deepEqual([...realm.emperor.vassals.keys()], ['neighbour/well-behaved.ini']);
  assert.deepEqual(realm.emperor.problems, problems(realm));
  assert.match(await metricsOf(realm), /^emperor_file_problems 4$/m);
  const mark = realm.mark;
  realm.remove('fifo.ini');
  realm.put('well-behaved.ini');
  await realm.event('vassal-loyal', 'well-behaved.ini', mark);
  assert.equal(realm.emperor.problems.length, 3);
});

test('a file of a gigabyte, and a link that leads out of the tree, cost the emperor nothing', async () => {
  await using elsewhere = new Realm();
  elsewhere.put('outside.ini', '[uwsgi]\n\n[emperor]\nlimit-pids = nonsense\n');
  await using realm = new Realm({ patterns: ['*.ini', 'neighbour/*.ini'] });
  realm.put('neighbour/well-behaved.ini');
  writeFileSync(join(realm.directory, 'well-behaved.ini'), '[uwsgi]\n');
  truncateSync(join(realm.directory, 'well-behaved.ini'), 2 ** 30);
  symlinkSync(join(elsewhere.directory, 'outside.ini'), join(realm.directory, 'never-ready.ini'));
  const before = process.memoryUsage().rss;
  await realm.emperor.start();
  await realm.event('vassal-loyal', 'well-behaved.ini');
  await realm.event('vassal-launched', 'never-ready.ini');
  assert.match((await realm.event('attribute-problem')).problem, /never-ready\.ini:4: limit-pids = nonsense/);
  assert.ok(process.memoryUsage().rss - before < 100 * 2 ** 20);
});
