import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { type CachingInstance, evaluate, page, startCaching } from './instances.ts';

/** What SQLite itself, and our own numbers, say of a store that nobody uses. */
function faultsOf(store: string): string {
  const program = [
    'import sqlite3, sys',
    'db = sqlite3.connect(sys.argv[1])',
    "state = db.execute('SELECT items, blocks FROM state').fetchone()",
    "items = db.execute('SELECT COUNT(*), SUM(blocks) FROM items').fetchone()",
    "print(db.execute('PRAGMA integrity_check').fetchone()[0], state == items)",
  ].join('\n');
  return execFileSync('python3', ['-c', program, store], { encoding: 'utf8' }).trim();
}

/** Workers that write all the time, each to keys of its own. */
async function writeOn({ port }: CachingInstance, seconds: number): Promise<void> {
  const loop = "[uwsgi.cache_update('%d-%d' % (uwsgi.worker_id(), i % 50), b'x' * (i % 3000 + 1)) for i in range(100)]";
  const line = `[${loop} for end in [time.time() + ${seconds}] for _ in iter(lambda: time.time() < end, False)] and None`;
  await Promise.allSettled([evaluate(port, line), evaluate(port, line)]);
}

test('what a store holds is there after a stop and a start', async (t) => {
  await using rig = Rig.open(t);
  const lines = ['cache2 = name=kept,items=100,blocksize=100,store=kept.store', 'cache2 = name=gone,items=10'];
  const first = await startCaching(rig, lines);
  await evaluate(
    first.port,
    "uwsgi.cache_set('k', b'v', 0, 'kept')",
    "uwsgi.cache_set('lives', b'v', 100, 'kept')",
    "uwsgi.cache_set('k', b'v', 0, 'gone')",
  );
  await first.program.stop();
  const second = await startCaching(rig, lines);
  await second.program.waitForLog(/^recovered cache from backing store file: kept\.store$/);
  await second.program.waitForLog(/^\[uwsgi-cache\] restored 2 items$/);
  assert.deepEqual(await evaluate(second.port, "uwsgi.cache_keys('kept')", "uwsgi.cache_keys('gone')"), [
    "[b'k', b'lives']",
    '[]',
  ]);
});

test('a reload empties the caches that have no store', async (t) => {
  await using rig = Rig.open(t);
  const { port, program } = await startCaching(rig, [
    'cache2 = name=kept,items=100,blocksize=100,store=kept.store',
    'cache2 = name=gone,items=10',
  ]);
  await evaluate(port, "uwsgi.cache_set('k', b'v', 0, 'kept')", "uwsgi.cache_set('k', b'v', 0, 'gone')");
  program.signal('SIGHUP');
  await program.waitForLog(/^gracefully \(RE\)spawned uWSGI master process/);
  await until('the new generation answers', async () => {
    const [kept, gone] = await evaluate(port, "uwsgi.cache_get('k', 'kept')", "uwsgi.cache_get('k', 'gone')");
    return kept === "b'v'" && gone === 'None';
  });
});

test('SIGKILL of a worker in the middle of writes harms nothing, and the others go on', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const lines = ['processes = 2', 'cache2 = name=c,items=1000,store=kept.store'];
  const instance = await startCaching(rig, lines);
  const [written] = await evaluate(instance.port, "uwsgi.cache_set('first', b'v')");
  assert.equal(written, 'True');
  const writing = writeOn(instance, 1);
  let [, pid] = await instance.program.waitForLog(/^spawned uWSGI worker 1 \(pid: (\d+),/);
  for (let round = 0; round < 3; round++) {
    const mark = instance.program.log.mark();
    process.kill(Number(pid), 'SIGKILL');
    [, pid] = await instance.program.waitForLog(/^Respawned uWSGI worker 1 \(new pid: (\d+)\)/, mark);
  }
  await writing;
  assert.deepEqual(await evaluate(instance.port, "uwsgi.cache_get('first')", "uwsgi.cache_set('last', b'v')"), [
    "b'v'",
    'True',
  ]);
  await instance.program.stop();
  assert.equal(faultsOf(rig.path('site/kept.store')), 'ok True');
});

test('SIGKILL of everything in the middle of writes leaves a store that is whole', oursOnly, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /^run\/emperor-instance-/ });
  const lines = ['processes = 2', 'cache2 = name=c,items=1000,store=kept.store'];
  for (let round = 0; round < 2; round++) {
    const instance = await startCaching(rig, lines);
    await evaluate(instance.port, `uwsgi.cache_update('round', b'${round}')`);
    const writing = writeOn(instance, 5);
    await until('writes are under way', () => readFileSync(rig.path('site/kept.store-wal')).length > 100_000);
    for (const { pid } of instance.program.tree()) process.kill(pid, 'SIGKILL');
    await instance.program.exited;
    await writing;
    assert.equal(faultsOf(rig.path('site/kept.store')), 'ok True');
  }
  const { port } = await startCaching(rig, lines);
  assert.deepEqual(await evaluate(port, "uwsgi.cache_get('round')", "uwsgi.cache_set('new', b'v')"), ["b'1'", 'True']);
});

test('a store that is none of ours is left alone, and the site goes on', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('site'));
  const foreign = 'somebody needs this '.repeat(500);
  writeFileSync(rig.path('site/theirs'), foreign);
  const { port, program } = await startCaching(rig, ['cache2 = name=c,items=100,store=theirs']);
  await program.waitForLog(/^\[cache\] could not use theirs for "c": it is no database; it is left alone/);
  assert.deepEqual(await evaluate(port, "uwsgi.cache_set('k', b'v')", "uwsgi.cache_get('k')"), ['True', "b'v'"]);
  assert.equal(readFileSync(rig.path('site/theirs'), 'utf8'), foreign);
});

test('a store that somebody locks is read, and what is written is refused in time', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, program } = await startCaching(rig, ['cache2 = name=c,items=100,store=kept.store']);
  await evaluate(port, "uwsgi.cache_set('k', b'v')");
  const holder = await rig.start([
    'python3',
    '-uc',
    "import sqlite3, time; db = sqlite3.connect('site/kept.store'); db.execute('BEGIN IMMEDIATE'); print('locked'); time.sleep(600)",
  ]);
  await holder.waitForLog(/^locked$/);
  assert.deepEqual(await evaluate(port, "uwsgi.cache_set('l', b'v')", "uwsgi.cache_get('k')", "uwsgi.cache_get('l')"), [
    'None',
    "b'v'",
    'None',
  ]);
  await program.waitForLog(/^\[cache\] could not write in "c": database is locked$/);
  process.kill(holder.pid, 'SIGKILL');
  await holder.exited;
  assert.deepEqual(await evaluate(port, "uwsgi.cache_set('l', b'v')"), ['True']);
});

test(
  'a full disk is told, what was there is served, and nothing is lost when there is room again',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const disk = rig.path('disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    if (mounted.status !== 0) {
      t.skip('mounting a small disk needs root');
      return;
    }
    try {
      const { port, program } = await startCaching(rig, [
        `cache2 = name=c,items=1000,store=${disk}/kept.store`,
        'cache2 = name=counts,items=100',
        'route = ^/page cache:key=${REQUEST_URI},name=c',
        'route = ^/page cachestore:key=${REQUEST_URI},name=c',
      ]);
      await evaluate(port, "uwsgi.cache_set('k', b'v')");
      const [results = ''] = await evaluate(port, "[uwsgi.cache_set('k%d' % i, b'x' * 50000) for i in range(40)]");
      assert.match(results, /True.*None/);
      await program.waitForLog(/^\[cache\] could not write in "c": database or disk is full$/);
      assert.deepEqual(await evaluate(port, "uwsgi.cache_get('k')", "uwsgi.cache_get('k39')"), ["b'v'", 'None']);
      await page(port, '/page');
      assert.equal(await page(port, '/page'), '');
      await evaluate(port, 'uwsgi.cache_clear()');
      await program.stop();
      assert.equal(faultsOf(`${disk}/kept.store`).split(' ')[0], 'ok');
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  },
);
