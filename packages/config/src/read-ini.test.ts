import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { linesOf, readIni } from './read-ini.ts';

function pairs(text: string, section = 'uwsgi'): string[] {
  return readIni(text, 'x.ini', section).entries.map(({ key, value }) => `${key}=${value}`);
}

it('readIni keeps repeated keys in order', () => {
  assert.deepEqual(pairs('[uwsgi]\nenv = A=1\nenv = B=2\nenv = A=1'), ['env=A=1', 'env=B=2', 'env=A=1']);
});

it('readIni takes a semicolon or hash for a comment only at the start of a line', () => {
  assert.deepEqual(pairs('[uwsgi]\n ; x\n#y\nroute = equal:${A};b # c'), ['route=equal:${A};b # c']);
});

it('readIni keeps quotes, brackets, dots and backslashes as they are', () => {
  assert.deepEqual(pairs('[uwsgi]\na[] = "x"\nb.c = \\n\nd = [1]'), ['a[]="x"', 'b.c=\\n', 'd=[1]']);
});

it('readIni reads CRLF files, a byte order mark and a last line without an end', () => {
  assert.deepEqual(pairs('\u{FEFF}[uwsgi]\r\na = 1\r\nb = 2'), ['a=1', 'b=2']);
});

it('readIni joins the parts of a section and leaves the others out', () => {
  const text = 'x=0\n[uwsgi]\na=1\n[other]\nb=2\n[uwsgi]\nc=3';
  assert.deepEqual(pairs(text), ['a=1', 'c=3']);
  assert.deepEqual(pairs(text, 'other'), ['b=2']);
});

it('readIni knows for every entry its line and the columns of key and value', () => {
  const [entry] = readIni('[uwsgi]\n\n  module =   app', 'x.ini', 'uwsgi').entries;
  assert.deepEqual([entry?.origin, entry?.keyColumn, entry?.valueColumn], [{ source: 'x.ini', line: 3 }, 3, 14]);
});

it('readIni says which sections there are when the one asked for is missing', () => {
  const { found, sections } = readIni('[a]\n[b]', 'x.ini', 'uwsgi');
  assert.deepEqual([found, [...sections]], [false, ['a', 'b']]);
});

it('readIni warns of text behind a section, and refuses one that is not closed', () => {
  const { problems, entries } = readIni('[uwsgi] ; mine\na=1\n[uwsgi\nb=2', 'x.ini', 'uwsgi');
  assert.deepEqual(
    problems.map(({ severity, origin, column }) => [severity, origin?.line, column]),
    [
      ['warning', 1, 9],
      ['error', 3, 7],
    ],
  );
  assert.equal(entries.length, 2);
});

it('readIni gives back what was written, for any key and value it can hold', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,20}$/);
  const value = fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .map((text) => text.replaceAll(/[\r\n]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, value)), fc.constantFrom('\n', '\r\n'), (entries, end) => {
      const text = ['[uwsgi]', ...entries.map(([key, content]) => `${key} = ${content}`)].join(end);
      assert.deepEqual(
        pairs(text),
        entries.map(([key, content]) => `${key}=${content}`),
      );
    }),
  );
});

it('linesOf gives the lines of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r', ' ') }), (text) => {
      const expected = text.split('\n').map((line) => line.replace(/\r$/, ''));
      if (expected.at(-1) === '' && (text === '' || text.endsWith('\n'))) expected.pop();
      assert.deepEqual([...linesOf(text)], expected);
    }),
  );
});
