import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lifeOf, type PageLife } from './page-life.ts';

const NOW = Date.parse('Sun, 22 Nov 2026 12:00:00 GMT') / 1000;
const RULE = { freshSeconds: 60, staleSeconds: 5 };

function life(headers: readonly string[], hasCredentials = false): PageLife | undefined {
  return lifeOf(headers, hasCredentials, RULE, NOW);
}

test('lifeOf goes by the rule where the answer says nothing', () => {
  assert.deepEqual(life(['Content-Type', 'text/html']), RULE);
});

test('lifeOf prefers s-maxage to max-age to Expires', () => {
  const expires = ['Expires', 'Sun, 22 Nov 2026 12:00:10 GMT'];
  assert.equal(life(['Cache-Control', 'max-age=20, s-maxage=30', ...expires])?.freshSeconds, 30);
  assert.equal(life(['Cache-Control', 'public, Max-Age="20"', ...expires])?.freshSeconds, 20);
  assert.equal(life(expires)?.freshSeconds, 10);
  assert.equal(life(['Date', 'Sun, 22 Nov 2026 12:00:04 GMT', ...expires])?.freshSeconds, 6);
});

test('lifeOf takes off what an answer has aged already', () => {
  assert.equal(life(['Cache-Control', 'max-age=20', 'Age', '15'])?.freshSeconds, 5);
  assert.equal(life(['Cache-Control', 'max-age=20', 'Age', '20']), undefined);
});

test('lifeOf reads stale-while-revalidate', () => {
  assert.deepEqual(life(['Cache-Control', 'max-age=20, stale-while-revalidate=40']), {
    freshSeconds: 20,
    staleSeconds: 40,
  });
});

test('lifeOf keeps nothing that is meant for one client, or for none', () => {
  for (const control of ['no-store', 'private', 'no-cache', 'max-age=0', 'public, no-store'])
    assert.equal(life(['Cache-Control', control]), undefined, control);
  assert.equal(life(['Set-Cookie', 'a=b']), undefined);
  assert.equal(life(['Expires', '0']), undefined);
  assert.equal(life([], true), undefined);
  assert.equal(life(['Cache-Control', 'public, max-age=9'], true)?.freshSeconds, 9);
});
