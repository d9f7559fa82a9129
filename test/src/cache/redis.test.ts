import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { evaluate, page, startCaching } from './instances.ts';
import { startRedis } from './redis.ts';

const needsRedis = skipFor(needs('redis'), oursOnly);

test('caches with the URL of a Redis are shared by instances', needsRedis, async (t) => {
  await using rig = Rig.open(t);
  const redis = await startRedis(rig);
  const lines = [
    `cache2 = name=shared,items=100,blocksize=1000,url=redis://127.0.0.1:${redis.port}/3`,
    'cache2 = name=own,items=10',
  ];
  const first = await startCaching(rig, lines, { name: 'first' });
  const second = await startCaching(rig, lines, { name: 'second' });
  assert.deepEqual(
    await evaluate(
      first.port,
      "uwsgi.cache_set('k', b'v')",
      "uwsgi.cache_set('k', b'w')",
      "uwsgi.cache_set('short', b'v', 100)",
      "uwsgi.cache_set('large', b'x' * 1001)",
      "uwsgi.cache_inc('n', 5)",
      "uwsgi.cache_mul('n', -3)",
      "uwsgi.cache_set('*[odd]\\n', b'\\r\\n')",
      "uwsgi.cache_set('k', b'mine', 0, 'own')",
    ),
    ['True', 'None', 'True', 'None', 'True', 'True', 'True', 'True'],
  );
  assert.deepEqual(
    await evaluate(
      second.port,
      "uwsgi.cache_get('k')",
      "uwsgi.cache_num('n')",
      "uwsgi.cache_get('*[odd]\\n')",
      "uwsgi.cache_exists('absent')",
      "uwsgi.cache_get('k', 'own')",
      'uwsgi.cache_keys()',
      "uwsgi.cache_del('k')",
      'uwsgi.cache_clear()',
      'uwsgi.cache_keys()',
    ),
    ["b'v'", '-15', "b'\\r\\n'", 'None', 'None', "[b'*[odd]\\n', b'k', b'n', b'short']", 'True', 'True', '[]'],
  );
});

test('pages are cached on a Redis, stale ones too', needsRedis, async (t) => {
  await using rig = Rig.open(t);
  const redis = await startRedis(rig);
  const lines = [
    `cache2 = name=pages,items=100,url=redis://127.0.0.1:${redis.port}`,
    'cache2 = name=counts,items=100',
    'route-if = incache:key=${REQUEST_URI},name=pages addheader:X-Cached: yes',
    'route = ^/page cache:key=${REQUEST_URI},name=pages',
    'route = ^/page cachestore:key=${REQUEST_URI},name=pages,expires=60',
    'route = ^/stale cache:key=${REQUEST_URI},name=pages',
    'route = ^/stale cachestore:key=${REQUEST_URI},name=pages,expires=1,stale=60,http=1',
    'route = ^/set cacheset:key=word,value=hello,name=pages',
    'route = ^/word cachevar:key=word,name=pages,var=HTTP_ACCEPT_LANGUAGE',
  ];
  const { port } = await startCaching(rig, lines, { app: 'counting_pages' });
  assert.equal(await page(port, '/page'), '/page 1');
  await until('the page is stored', async () => (await page(port, '/page')) === '/page 1');
  await page(port, '/set');
  assert.equal(await page(port, '/word'), '/word 1 hello');
  await page(port, '/stale');
  await until('the stale page was made anew', async () => (await page(port, '/stale')) === '/stale 2');
});

test(
  'a Redis that goes away costs the cache, not the site, and what was changed meanwhile is not served when it is back',
  needsRedis,
  async (t) => {
    await using rig = Rig.open(t);
    const redis = await startRedis(rig);
    const { port, program } = await startCaching(rig, [
      `cache2 = name=c,items=100,url=redis://127.0.0.1:${redis.port}`,
      'route = ^/page cache:key=${REQUEST_URI},name=c',
      'route-if = equal:${REQUEST_METHOD};PURGE cachedel:key=${REQUEST_URI},name=c',
    ]);
    await evaluate(
      port,
      "uwsgi.cache_set('changed', b'old')",
      "uwsgi.cache_set('kept', b'v')",
      "uwsgi.cache_set('/page', b'old')",
    );
    assert.equal(await page(port, '/page'), 'old');
    await redis.program.stop('SIGTERM');
    assert.deepEqual(
      await evaluate(port, "uwsgi.cache_get('kept')", "uwsgi.cache_update('changed', b'new')", 'uwsgi.cache_keys()'),
      ['None', 'None', '[]'],
    );
    await program.waitForLog(/^\[cache\] lost the server of "c": .*; until it is back nothing is cached there$/);
    assert.notEqual(await page(port, '/page'), 'old');
    await startRedis(rig, redis.port);
    await until('the cache is back', async () => {
      const [kept, changed] = await evaluate(port, "uwsgi.cache_get('kept')", "uwsgi.cache_get('changed')");
      assert.notEqual(changed, "b'old'");
      return kept === "b'v'";
    });
    await program.waitForLog(/^\[cache\] the server of "c" is back$/);
    await until('pages are back', async () => (await page(port, '/page')) === 'old');
  },
);

test('an instance starts while its Redis is away', needsRedis, async (t) => {
  await using rig = Rig.open(t);
  const redisPort = await rig.port();
  const { port } = await startCaching(rig, [`cache2 = name=c,items=100,url=redis://127.0.0.1:${redisPort}`]);
  assert.deepEqual(await evaluate(port, "uwsgi.cache_set('k', b'v')"), ['None']);
  await startRedis(rig, redisPort);
  await until('the cache is there', async () => (await evaluate(port, "uwsgi.cache_update('k', b'v')"))[0] === 'True');
});
