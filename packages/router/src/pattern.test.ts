import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { compilePattern, PatternError } from './pattern.ts';

for (const [pattern, matching, other] of [
  ['^/x', '/x/y', '/y/x'],
  ['^a\\.org$', 'a.org', 'aborg'],
  ['(?i)^/ABC', '/abc', '/xyz'],
  ['\\A/x\\z', '/x', '/x\n'],
  ['x\\Z', 'x\n', 'xy'],
  ['a\\hb', 'a\tb', 'ab'],
  ['^[[:alpha:]_]+$', 'a_b', 'a1'],
  ['^[]a]+$', ']a', 'b'],
  ['^[^]a]+$', 'b', ']'],
  ['^[a*+?]+$', 'a*+?', 'b'],
  ['^(?P<year>[0-9]{4})-\\1$', '2026-2026', '2026-2025'],
  ['^a\\++$', 'a++', 'a'],
  ['\\x{41}', 'A', 'B'],
  ['^[\\x41-\\x43\\w.-]+$', 'AB.c-', '/'],
  ['(?<!a)b', 'cb', 'ab'],
  ['^/admin.*$', '/admin\r', '/Admin'],
  ['^/admin.*$', '/admin\n', '/admin\nx'],
  ['(?s)^/admin.x', '/admin\nx', '/admin'],
  ['^(?s:.)x', '\nx', 'x'],
  ['(?m)^a$', 'x\na\ny', 'xa'],
  ['a\\sb', 'a\vb', 'a\xa0b'],
  ['^[\\s.]+$', ' .', '\xa0'],
  ['^[\\S]+$', '\xa0', ' '],
  ['^\\S$', '\xa0', '\t'],
] as const) {
  test(`compilePattern gives ${pattern} the meaning it has in PCRE`, () => {
    const compiled = compilePattern(pattern);
    assert.ok(compiled.test(matching), matching);
    assert.ok(!compiled.test(other), other);
  });
}

for (const pattern of [
  '(',
  '[a',
  'a++',
  '(?>a)',
  '(?P>name)',
  '\\Qa\\E',
  '(?x)a b',
  '[[:^alpha:]]',
  '\\x{1F600}',
  '*',
]) {
  test(`compilePattern refuses ${pattern} and says what is wrong`, () => {
    assert.throws(
      () => compilePattern(pattern),
      (error: unknown) =>
        error instanceof PatternError && error.message.startsWith(`cannot use the regular expression "${pattern}": `),
    );
  });
}

test('compilePattern finds any literal text whose special characters are escaped', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      assert.ok(compilePattern(`^${escaped}$`).test(text));
    }),
  );
});

const SYNTAX = fc.constantFrom(...Array.from('ab\\[]^-(){}?*+:P<>=Axhz|1,'));

test('compilePattern either compiles or refuses in a sentence', () => {
  fc.assert(
    fc.property(fc.string({ unit: SYNTAX }), (pattern) => {
      try {
        compilePattern(pattern);
      } catch (error) {
        assert.ok(error instanceof PatternError);
      }
    }),
  );
});
