import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shortNames } from './short-names.ts';

const SITES = ['/srv/www/project/uwsgi.ini', '/srv/www/shop/uwsgi.ini'];

test('shortNames leaves names alone that fit', () => {
  assert.deepEqual(shortNames(SITES, 30), SITES);
});

test('shortNames leaves out first what all begin with, then what all end with', () => {
  assert.deepEqual(shortNames(SITES, 20), ['project/uwsgi.ini', 'shop/uwsgi.ini']);
  assert.deepEqual(shortNames(SITES, 10), ['project', 'shop']);
});

test('shortNames keeps the directory of a single one', () => {
  assert.deepEqual(shortNames(SITES.slice(0, 1), 20), ['project/uwsgi.ini']);
});

test('shortNames cuts the beginning of what is still too long, and nothing that only some have', () => {
  assert.deepEqual(shortNames(['a.ini', '/srv/www/somewhere/uwsgi.ini'], 12), ['a.ini', '…e/uwsgi.ini']);
  assert.deepEqual(shortNames(['/a/one.ini', '/a/two.yaml'], 8), ['one.ini', 'two.yaml']);
});
