import assert from 'node:assert/strict';
import test from 'node:test';

import { decodePercent, removeDotSegments } from './path.ts';

test('decodePercent decodes to bytes and leaves what is no escape', () => {
  assert.equal(decodePercent('/a%2Fb%c3%A9+%zz%4'), '/a/b\xc3\xa9+%zz%4');
});

test('removeDotSegments resolves dots as uWSGI does', () => {
  for (const [path, resolved] of [
    ['/a/../b//c/./d', '/b//c/d'],
    ['/../../a', '/a'],
    ['/a/..', '/'],
    ['/a/.', '/a/'],
    ['/a/b/../', '/a/'],
    ['/.', '/'],
    ['/..', '/'],
    ['/.a/..b/c.', '/.a/..b/c.'],
    ['/...', '/...'],
    ['//', '//'],
    ['/%2e%2e/a', '/%2e%2e/a'],
  ] as const)
    assert.equal(removeDotSegments(path), resolved);
});
