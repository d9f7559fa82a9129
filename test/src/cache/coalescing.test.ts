import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpClient, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { page, startCaching } from './instances.ts';

const caches = ['cache2 = name=pages,items=100', 'cache2 = name=counts,items=1000'];
const app = { app: 'counting_pages' };

test('500 clients that ask for one page that has expired make one call into the app', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'processes = 2',
      'threads = 4',
      'disable-logging = true',
      'route-run = cache:key=${PATH_INFO},name=pages',
      'route-if = equal:${QUERY_STRING};short cachestore:key=${PATH_INFO},name=pages,expires=1',
      'route-if-not = equal:${QUERY_STRING};short cachestore:key=${PATH_INFO},name=pages,expires=60',
    ],
    app,
  );
  const path = '/slow?sleep=0.3';
  assert.equal(await page(port, '/slow?short'), '/slow 1');
  const expired = performance.now() + 1100;
  await until('the page has expired', () => performance.now() > expired);
  const bodies = new Set(await Promise.all(Array.from({ length: 500 }, () => page(port, path))));
  assert.deepEqual([...bodies], ['/slow 2']);
});

test(
  'when the client goes away for whom a page is made, it is made once more for all who wait',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { port } = await startCaching(
      rig,
      [
        ...caches,
        'threads = 4',
        'disable-logging = true',
        'route-run = cache:key=${REQUEST_URI},name=pages',
        'route-run = cachestore:key=${REQUEST_URI},name=pages,expires=60',
      ],
      app,
    );
    const path = '/slow?sleep=0.4';
    await using first = await HttpClient.connect(port);
    first.send(request(`GET ${path}`));
    await page(port, '/other');
    const others = Array.from({ length: 50 }, () => page(port, path));
    first.reset();
    const bodies = await Promise.all(others);
    assert.equal(new Set(bodies).size, 1);
    assert.match(bodies[0] ?? '', /^\/slow [23]$/);
  },
);

test('clients wait for no page that is not going to be stored', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'threads = 4',
      'route-run = cache:key=${REQUEST_URI},name=pages',
      'route-run = cachestore:key=${REQUEST_URI},name=pages',
    ],
    app,
  );
  const path = '/gone?status=404+Gone&sleep=0.1';
  await Promise.all(Array.from({ length: 4 }, () => page(port, path)));
  assert.equal(await page(port, path), '/gone 5');
});

test('a stale page is served at once while it is made anew, once', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startCaching(
    rig,
    [
      ...caches,
      'route-run = cache:key=${REQUEST_URI},name=pages',
      'route-run = cachestore:key=${REQUEST_URI},name=pages,expires=1,stale=60',
    ],
    app,
  );
  const path = '/stale?sleep=0.2';
  await page(port, path);
  const stale = performance.now() + 1100;
  await until('the page is stale', () => performance.now() > stale);
  // Had it waited for the app, it would be the second one.
  assert.equal(await page(port, path), '/stale 1');
  await until('the page was made anew', async () => (await page(port, path)) !== '/stale 1');
  assert.equal(await page(port, path), '/stale 2');
});
