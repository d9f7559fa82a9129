import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compileRulePattern } from './rule-pattern.ts';

function warningsOf(text: string): string[] {
  const warnings: string[] = [];
  compileRulePattern(text, {
    refuseExplosivePatterns: false,
    warn: (message) => {
      warnings.push(message);
    },
  });
  return warnings;
}

test('a pattern that would explode is harmless, since V8 goes on with its linear engine', () => {
  assert.deepEqual(warningsOf('^(a+)+$'), []);
  const pattern = compileRulePattern('^(a+)+$', { refuseExplosivePatterns: false, warn: () => {} });
  const before = performance.now();
  assert.equal(pattern.test(`${'a'.repeat(4000)}!`), false);
  assert.ok(performance.now() - before < 2000);
});

test('a pattern that the linear engine cannot do is warned of when it can explode', () => {
  for (const text of ['(?i)^(a+)+$', '^(?=a)(a+)+$', '^(a)(\\1+)+$']) assert.equal(warningsOf(text).length, 1, text);
  for (const text of ['(?i)^/foo$', '^(?=a)a+$', '^(a)\\1$']) assert.deepEqual(warningsOf(text), [], text);
});

test('route-safe-patterns refuses every pattern that can explode', () => {
  assert.throws(() => compileRulePattern('^(a+)+$', { refuseExplosivePatterns: true, warn: () => {} }), {
    message: 'a client can make the regular expression "^(a+)+$" take very long: something repeated is repeated again',
  });
  compileRulePattern('^/a+$', { refuseExplosivePatterns: true, warn: () => {} });
});

test('a broken pattern is named', () => {
  assert.throws(
    () => compileRulePattern('(', { refuseExplosivePatterns: false, warn: () => {} }),
    /regular expression "\("/,
  );
});
