import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { readYaml } from './read-yaml.ts';

function read(text: string, section = 'uwsgi'): { readonly pairs: string[]; readonly problems: string[] } {
  const { entries, problems } = readYaml(text, 'x.yml', section);
  return {
    pairs: entries.map(({ key, value, origin, valueColumn }) => `${origin.line}:${valueColumn} ${key}=${value}`),
    problems: problems.map(({ origin, column, message }) => `${origin?.line}:${column} ${message}`),
  };
}

it('readYaml reads plain and quoted text, comments, repeated keys and lists', () => {
  const text = `--- # document
# comment
other:
  a: 1
uwsgi:
  plain: a b # comment
  url: http://x:80/y#z
  single: 'it''s # x'
  double: "a\\tb\\"c\\u00e9"
  "quoted key": v
  env: A=1
  env: B=2
  flow: [a, "b, c", 'd']
  block:
    - x
    - "y" # comment
  same:
  - z
  empty:
  last: true
`;
  assert.deepEqual(read(text), {
    pairs: [
      '6:10 plain=a b',
      '7:8 url=http://x:80/y#z',
      "8:11 single=it's # x",
      '9:11 double=a\tb"cé',
      '10:17 quoted key=v',
      '11:8 env=A=1',
      '12:8 env=B=2',
      '13:9 flow=a',
      '13:9 flow=b, c',
      '13:9 flow=d',
      '15:7 block=x',
      '16:7 block=y',
      '18:5 same=z',
      '19:9 empty=',
      '20:9 last=true',
    ],
    problems: [],
  });
});

it('readYaml folds long text', () => {
  const text =
    'uwsgi:\n  a: first\n    second # x\n    third\n  b: |\n    one\n     two\n  c: >-\n    one\n    two\n  d: 1\n';
  assert.deepEqual(read(text).pairs, ['2:6 a=first second third', '5:6 b=one\n two\n', '8:6 c=one two', '11:6 d=1']);
});

it('readYaml points at what it does not take', () => {
  const text = 'uwsgi:\n  a: &x 1\n  b: {c: d}\n  e:\n    f: 1\n  g: "open\n  nonsense\n   h: 1\n\ti: 1\n';
  assert.deepEqual(read(text).problems, [
    '2:6 anchors, aliases and tags are not supported',
    '3:6 a map where text is expected',
    '5:5 the value of "e" is a map: expected text or a list',
    '6:6 the quoted text is not closed on its line',
    '7:3 expected "key: value"',
    '8:4 the line is not indented like the options above it',
    '9:1 a tab in front of a line: YAML wants blanks',
  ]);
});

it('readYaml ends for any text, with entries or problems that point into it', () => {
  const piece = fc.constantFrom(
    'uwsgi:',
    ' ',
    '  ',
    'a: b',
    '- c',
    '|',
    '"',
    "'",
    '[',
    ']',
    ', ',
    '#',
    '\n',
    '\t',
    ':',
    '&',
    '{',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = `uwsgi:\n  x: 1\n${pieces.join('')}`;
      const lines = text.split('\n').length;
      const { entries, problems } = readYaml(text, 'x.yml', 'uwsgi');
      for (const { origin } of [...entries, ...problems])
        assert.ok(origin !== undefined && origin.line >= 1 && origin.line <= lines);
    }),
  );
});
