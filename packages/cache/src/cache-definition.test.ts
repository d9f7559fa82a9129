import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Config, loadConfig } from '@emperor/config';

import { CacheDefinitionError, describeCache, readCacheDefinitions } from './cache-definition.ts';

function configOf(...args: readonly string[]): Config {
  const { config, diagnostics } = loadConfig({
    argv: ['--http-socket', ':0', ...args],
    environment: {},
    workingDirectory: '/',
    scope: 'vassal',
  });
  assert.ok(config !== undefined, JSON.stringify(diagnostics));
  return config;
}

test('readCacheDefinitions reads cache2 with its other spellings', () => {
  const { definitions, warnings } = readCacheDefinitions(
    configOf(
      '--cache2',
      'name=a,max_items=5,key_size=9,bitmap=1,blocks=20,blocksize=16,purge_lru=1,storesync=3,store=f',
    ),
  );
  const [a] = definitions;
  assert.deepEqual(warnings, []);
  assert.ok(a !== undefined);
  assert.deepEqual(
    [a.name, a.items, a.keyBytes, a.usesSeveralBlocks, a.blocks, a.blockBytes, a.purgesLeastUsed, a.storeSyncSeconds],
    ['a', 5, 9, true, 20, 16, true, 3],
  );
});

test('readCacheDefinitions puts the cache of the old options first', () => {
  const { definitions } = readCacheDefinitions(
    configOf('--cache2', 'name=b,items=2', '--cache', '7', '--cache-blocksize', '100', '--cache-expire-freq', '9'),
  );
  assert.deepEqual(
    definitions.map(({ name, items, blockBytes, sweepSeconds }) => [name, items, blockBytes, sweepSeconds]),
    [
      ['default', 7, 100, 9],
      ['b', 2, 65_536, 9],
    ],
  );
});

test('readCacheDefinitions refuses two caches with one name', () => {
  assert.throws(
    () => readCacheDefinitions(configOf('--cache2', 'name=x,items=2', '--cache2', 'name=x,items=3')),
    (error) => error instanceof CacheDefinitionError && /there are two caches with the name "x"/.test(error.message),
  );
});

test('readCacheDefinitions warns of keys without effect', () => {
  const { warnings } = readCacheDefinitions(configOf('--cache2', 'name=x,items=10,udp=:1,nokey=3'));
  assert.match(warnings.join('\n'), /udp= has no effect: .*\n.*there is no key "nokey"; known keys: name/);
});

test('describeCache says what uWSGI says', () => {
  const [definition] = readCacheDefinitions(configOf('--cache2', 'name=pages,items=100')).definitions;
  assert.ok(definition !== undefined);
  assert.equal(
    describeCache(definition),
    '*** Cache "pages" initialized: 6MB (key: 2136 bytes, keys: 213600 bytes, data: 6553600 bytes, bitmap: 0 bytes) preallocated ***',
  );
});
