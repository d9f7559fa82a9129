import assert from 'node:assert/strict';
import { it } from 'node:test';

import { parseCache } from './cache-text.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load.ts';

function errorOf(text: string): string {
  try {
    parseCache(text, 3);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return '';
}

it('parseCache refuses what uWSGI refuses, in its words', () => {
  assert.equal(errorOf('items=10'), 'you have to specify a cache name');
  assert.equal(errorOf('foo'), 'you have to specify a cache name');
  assert.equal(errorOf('name=x,items=abc'), 'you have to specify the maximum number of cache items');
  assert.equal(errorOf('name=x,items=10,blocksize=0'), 'invalid cache blocksize for "x"');
  assert.equal(errorOf('name=x,items=10,keysize=0'), 'invalid cache keysize for "x"');
  assert.equal(errorOf('name=x,items=10,hashsize=0'), 'invalid cache hashsize for "x"');
  assert.equal(errorOf('name=x,items=10,hash=zz'), 'invalid cache hash for "x"');
  assert.equal(
    errorOf('name=x,items=10,blocks=5'),
    'invalid number of cache blocks for "x", must be higher than max_items (10)',
  );
});

it('parseCache takes a URL of Redis or Valkey, and no other', () => {
  assert.equal(
    parseCache('name=x,items=10,url=redis://:secret@host:6380/2', 3).cache.url,
    'redis://:secret@host:6380/2',
  );
  assert.equal(parseCache('name=x,items=10,url=valkey://host', 3).cache.url, 'valkey://host');
  assert.match(errorOf('name=x,items=10,url=http://host'), /cannot understand url=: expected redis:/);
});

it('parseCache knows how often a cache is swept', () => {
  assert.equal(parseCache('name=x,items=10', 3).cache.sweepSeconds, 3);
  assert.equal(parseCache('name=x,items=10,sweep_freq=7', 3).cache.sweepSeconds, 7);
  assert.equal(parseCache('name=x,items=10,no_expire=1', 3).cache.sweepSeconds, 0);
});

it('a cache2 that cannot be used is found when the configuration is checked', () => {
  const { config, diagnostics } = loadConfig({
    argv: ['--http-socket', ':0', '--cache2', 'name=x'],
    environment: {},
    workingDirectory: '/',
    scope: 'vassal',
  });
  assert.equal(config, undefined);
  assert.match(
    diagnostics.map(({ message }) => message).join(),
    /you have to specify the maximum number of cache items/,
  );
});
