import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor } from '../rig/subject.ts';
import { debianPython, needs } from '../run/parts.ts';
import { page, startCaching } from './instances.ts';

const caches = ['cache2 = name=first,items=100', 'cache2 = name=site,items=1000'];

async function startDjango(rig: Rig, lines: readonly string[] = []): Promise<number> {
  execFileSync(debianPython, ['-m', 'venv', '--system-site-packages', '--without-pip', rig.path('venv')]);
  const { port } = await startCaching(rig, [...caches, `virtualenv = ${rig.path('venv')}`, ...lines], {
    app: 'django_cached',
  });
  return port;
}

test('Django caches in the cache of the instance', skipFor(needs('django', 'venv'), oursOnly), async (t) => {
  await using rig = Rig.open(t);
  const port = await startDjango(rig, ['processes = 2', 'lazy-apps = true']);
  assert.equal(await page(port, '/page'), 'made 1 times');
  const pages = await Promise.all(Array.from({ length: 8 }, () => page(port, '/page')));
  assert.deepEqual([...new Set(pages)], ['made 1 times']);
  assert.equal(
    await page(port, '/api'),
    `['default', None, {'a': [1, 2]}, False, True, 5, 4, {'k': {'a': [1, 2]}, 'l': 4}, True, False, ` +
      `True, False, True, False, None, None, None, None, None, 7, None, None, 1, None, None, None, ` +
      `None, 'first cache', None]`,
  );
});

test(
  'a Django cache that the configuration does not have is an error that says so',
  needs('django', 'venv'),
  async (t) => {
    await using rig = Rig.open(t);
    const port = await startDjango(rig, ['env = OTHER_CACHE=nope']);
    assert.equal((await ask(port, 'GET /api')).status, 500);
    const [program] = rig.programs;
    await program?.waitForLog(
      /InvalidCacheBackendError: LOCATION is "nope", and there is no cache2 of that name: there are first, site/,
    );
  },
);
