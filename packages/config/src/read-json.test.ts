import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { readJson } from './read-json.ts';

function read(text: string, section = 'uwsgi'): { readonly pairs: string[]; readonly problems: string[] } {
  const { entries, problems } = readJson(text, 'x.json', section);
  return {
    pairs: entries.map(({ key, value, origin, valueColumn }) => `${origin.line}:${valueColumn} ${key}=${value}`),
    problems: problems.map(({ origin, column, message }) => `${origin?.line}:${column} ${message}`),
  };
}

it('readJson takes text, numbers, booleans and lists, and a repeated key twice', () => {
  const text =
    '{"x": {"no": [{}]},\n "uwsgi": {"a": "b\\u00e9\\n", "n": -1.5e3,\n  "t": true, "f": false, "z": null, "env": ["A", 2], "a": 1}}';
  assert.deepEqual(read(text), {
    pairs: ['2:17 a=bé\n', '2:35 n=-1.5e3', '3:8 t=1', '3:19 f=0', '3:31 z=0', '3:45 env=A', '3:50 env=2', '3:59 a=1'],
    problems: [],
  });
});

it('readJson points at what it does not take', () => {
  assert.deepEqual(read('{"uwsgi": {"a": {"b": 1}, "c": [[1]], "d": 1}}').problems, [
    '1:17 the value of "a" is an object: expected text, a number or a list',
    '1:33 an item of "c" is not text or a number',
  ]);
  assert.deepEqual(read('{"uwsgi": {"a": 1,}}').problems, ['1:19 expected text in double quotes']);
  assert.deepEqual(read('{"uwsgi": []}').problems, ['1:2 section "uwsgi" is not an object of options']);
  assert.deepEqual(read('{"uwsgi": {}} x').problems, ['1:15 there is text behind the end of the JSON document']);
  assert.deepEqual(read('{"x": [').problems, ['1:8 the JSON document ends too early']);
  assert.deepEqual(read('').problems, ['1:1 expected an object of sections, such as {"uwsgi": {…}}']);
});

it('readJson agrees with JSON.parse on any object of texts and numbers', () => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer());
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), value, { noNullPrototype: true }),
      fc.constantFrom(undefined, 1, '\t'),
      (options, indent) => {
        const { entries, problems } = readJson(
          JSON.stringify({ uwsgi: options }, undefined, indent),
          'x.json',
          'uwsgi',
        );
        assert.deepEqual(problems, []);
        assert.deepEqual(
          entries.map(({ key, value: text }) => [key, text]),
          Object.entries(options).map(([key, text]) => [key, String(text)]),
        );
      },
    ),
  );
});

it('readJson refuses any text that JSON.parse refuses', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"',
    '1',
    '-',
    'true',
    'nul',
    ' ',
    '\n',
    '\\',
    '\u0001',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = `{"uwsgi":{${pieces.join('')}}}`;
      const { problems } = readJson(text, 'x.json', 'uwsgi');
      try {
        JSON.parse(text);
      } catch {
        assert.notDeepEqual(problems, [], text);
      }
    }),
  );
});
