import assert from 'node:assert/strict';
import { test } from 'node:test';

import { expandBraces } from './brace-expansion.ts';

test('expandBraces gives one pattern per alternative', () => {
  assert.deepEqual(expandBraces('/srv/{www,apps/live}/*/uwsgi.{ini,yml}'), [
    '/srv/www/*/uwsgi.ini',
    '/srv/www/*/uwsgi.yml',
    '/srv/apps/live/*/uwsgi.ini',
    '/srv/apps/live/*/uwsgi.yml',
  ]);
});

test('expandBraces follows nested groups', () => {
  assert.deepEqual(expandBraces('{a,b{c,d}}'), ['a', 'bc', 'bd']);
});

test('expandBraces leaves what is no group alone', () => {
  for (const pattern of ['*.ini', '{one}', '{open,ended', '\\{a,b}', 'a}b,c{']) {
    assert.deepEqual(expandBraces(pattern), [pattern]);
  }
});
