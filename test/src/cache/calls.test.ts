import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exchangeBytes } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { evaluate, startCaching } from './instances.ts';

const caches = [
  'cache2 = name=a,items=5,blocksize=64',
  'cache2 = name=b,items=5,blocksize=16,blocks=20,bitmap=1,purge_lru=1,keysize=100',
  'cache2 = name=n,items=20,math_initial=5',
];

/** In this order: later ones depend on earlier ones. */
const calls = String.raw`
uwsgi.cache_get('x')
uwsgi.cache_set('x', 'y')
uwsgi.cache_set('x', 'z')
uwsgi.cache_get('x')
uwsgi.cache_get(b'x')
uwsgi.cache_set('x', b'y', 5, 'b')
uwsgi.cache_set('x', b'y', 5, 'nope')
uwsgi.cache_get('x', 'nope')
uwsgi.cache_exists('x', 'nope')
uwsgi.cache_keys('nope')
uwsgi.cache_clear('nope')
uwsgi.cache_del('x', 'nope')
uwsgi.cache_inc('x', 1, 0, 'nope')
uwsgi.cache_update('x', b'yyy')
uwsgi.cache_get('x', '')
uwsgi.cache_exists('x')
uwsgi.cache_exists('xx')
uwsgi.cache_del('x')
uwsgi.cache_del('x')
uwsgi.cache_set('', b'empty')
uwsgi.cache_set('e', b'')
uwsgi.cache_exists('e')
uwsgi.cache_set('big', b'x'*64)
uwsgi.cache_set('big2', b'x'*65)
uwsgi.cache_update('big2', b'x'*65)
uwsgi.cache_get('big2')
uwsgi.cache_inc('n')
uwsgi.cache_inc('n')
uwsgi.cache_get('n')
uwsgi.cache_num('n')
uwsgi.cache_dec('n', 5)
uwsgi.cache_num('n')
uwsgi.cache_mul('n', 3)
uwsgi.cache_num('n')
uwsgi.cache_div('n', 2)
uwsgi.cache_num('n')
uwsgi.cache_div('n', 0)
uwsgi.cache_num('n')
uwsgi.cache_mul('n')
uwsgi.cache_num('nothere')
uwsgi.cache_keys()
uwsgi.cache_clear()
uwsgi.cache_keys()
uwsgi.cache_set('txt', b'12')
uwsgi.cache_num('txt')
uwsgi.cache_set('t8', b'12345678')
uwsgi.cache_num('t8')
uwsgi.cache_set(1, b'12345678')
uwsgi.cache_set('i', 5)
uwsgi.cache_set('i', None)
uwsgi.cache_set('k', b'v', -1)
uwsgi.cache_get('k')
uwsgi.cache_set('k2', b'v', 'x')
uwsgi.cache_clear()
[uwsgi.cache_set('k%d' % i, b'v') for i in range(7)]
uwsgi.cache_keys()
uwsgi.cache_update('k0', b'w')
[uwsgi.cache_set('k%d' % i, b'v', 0, 'b') for i in range(7)]
uwsgi.cache_keys('b')
uwsgi.cache_get('k3', 'b')
uwsgi.cache_clear('b')
uwsgi.cache_set('kk', b'v' * 100, 0, 'b')
uwsgi.cache_get('kk', 'b')
uwsgi.cache_set('kk', b'v' * 321, 0, 'b')
uwsgi.cache_set('\u00fc', '\u00fc', 0, 'b')
uwsgi.cache_get('\u00fc', 'b')
uwsgi.cache_keys('b')
uwsgi.cache_set('K' * 101, b'v', 0, 'b')
uwsgi.cache_set('K' * 100, b'v', 0, 'b')
uwsgi.cache_set('nul\0x', b'a\0b', 0, 'b')
uwsgi.cache_get('nul\0x', 'b')
uwsgi.cache_inc('first', 1, 0, 'n')
uwsgi.cache_num('first', 'n')
uwsgi.cache_update('away', b'x', 0, 'b@127.0.0.1:1')
uwsgi.cache_get('away', 'b@127.0.0.1:1')
uwsgi.cache_exists('away', 'b@127.0.0.1:1')
uwsgi.cache_set('short', b'v', 1, 'n')
uwsgi.cache_get('short', 'n')
[time.sleep(0.1) for i in range(45) if uwsgi.cache_get('short', 'n')] and None
uwsgi.cache_exists('short', 'n')
uwsgi.cache_keys('n')
uwsgi.cache_set('short', b'w', 0, 'n')
`
  .trim()
  .split('\n');

test('the uwsgi.cache_ functions give what those of the real uWSGI give', needs('uwsgi'), async (t) => {
  await using rig = Rig.open(t);
  const ours = await startCaching(rig, caches, { name: 'ours' });
  const theirs = await startCaching(rig, [...caches, 'cache-expire-freq = 1'], { name: 'theirs', isUwsgi: true });
  const [mine, wanted] = await Promise.all([ours, theirs].map(({ port }) => evaluate(port, ...calls)));
  const lines = (results: readonly string[] = []): string[] => results.map((result, i) => `${calls[i]} -> ${result}`);
  assert.deepEqual(lines(mine), lines(wanted));
  for (const { program } of [ours, theirs]) {
    await program.waitForLog(
      /^\*\*\* Cache "a" initialized: 0MB \(key: 2136 bytes, keys: 10680 bytes, data: 320 bytes, bitmap: 0 bytes\) preallocated \*\*\*$/,
    );
    await program.waitForLog(/^\*\*\* DANGER cache "a" is FULL !!! \*\*\*$/);
  }
});

test('ten thousand keys are kept, found by every worker, and cleared', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(rig, ['processes = 2', 'cache2 = name=many,items=10001,blocksize=100']);
  const [kept] = await evaluate(port, "sum(uwsgi.cache_set('k%d' % i, b'%d' % i) or 0 for i in range(10000))");
  assert.equal(kept, '10000');
  const asked = [
    'time.sleep(0.3) or uwsgi.worker_id()',
    "all(uwsgi.cache_get('k%d' % i) == b'%d' % i for i in range(0, 10000, 7))",
    'len(uwsgi.cache_keys())',
  ];
  const results = await Promise.all([evaluate(port, ...asked), evaluate(port, ...asked)]);
  assert.deepEqual(results.toSorted(), [
    ['1', 'True', '10000'],
    ['2', 'True', '10000'],
  ]);
  assert.deepEqual(await evaluate(port, 'uwsgi.cache_clear()', 'len(uwsgi.cache_keys())'), ['True', '0']);
});

test('the statistics have the caches, in uWSGI’s words', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const statsPort = await rig.port();
  const { port, program } = await startCaching(rig, [
    'cache2 = name=small,items=3,blocksize=100',
    'cache2 = name=other,items=5,keysize=100',
    `stats = 127.0.0.1:${statsPort}`,
  ]);
  await program.waitForLog(/Stats server enabled/);
  await evaluate(
    port,
    "[uwsgi.cache_set('k%d' % i, b'v') for i in range(4)]",
    "uwsgi.cache_get('k0')",
    "uwsgi.cache_get('k0')",
    "uwsgi.cache_get('absent')",
  );
  const { caches } = JSON.parse((await exchangeBytes(statsPort, '')).toString()) as { caches: object[] };
  const [small, other] = caches;
  const sizes = { hash: 'djb33x', hashsize: 65_536, keysize: 2048 };
  assert.deepEqual(
    { ...small, last_modified_at: 0 },
    {
      name: 'small',
      ...sizes,
      max_items: 3,
      blocks: 3,
      blocksize: 100,
      items: 2,
      hits: 2,
      miss: 1,
      full: 2,
      last_modified_at: 0,
    },
  );
  const usual = { ...sizes, keysize: 100, max_items: 5, blocks: 5, blocksize: 65_536 };
  assert.deepEqual(other, { name: 'other', ...usual, items: 0, hits: 0, miss: 0, full: 0, last_modified_at: 0 });
});
