import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { readXml } from './read-xml.ts';

function read(text: string, section = 'uwsgi'): { readonly pairs: string[]; readonly problems: string[] } {
  const { entries, problems } = readXml(text, 'x.xml', section);
  return {
    pairs: entries.map(({ key, value, origin, keyColumn }) => `${origin.line}:${keyColumn} ${key}=${value}`),
    problems: problems.map(({ origin, column, message }) => `${origin?.line}:${column} ${message}`),
  };
}

it('readXml reads elements, entities, CDATA and elements without text', () => {
  const text =
    '<?xml version="1.0"?>\n<uwsgi>\n <!-- x -->\n <master/>\n <env>A=1</env><env>B&amp;&#67;&#x44;</env>\n <a><![CDATA[<b>]]></a>\n</uwsgi>';
  assert.deepEqual(read(text), { pairs: ['4:3 master=1', '5:3 env=A=1', '5:17 env=B&CD', '6:3 a=<b>'], problems: [] });
});

it('readXml takes the section by its id, the first one otherwise', () => {
  const text = '<any><uwsgi id="a"><x>1</x></uwsgi><uwsgi id=\'b\'><x>2</x></uwsgi></any>';
  assert.deepEqual(read(text, 'b').pairs, ['1:51 x=2']);
  assert.deepEqual(read(text).pairs, ['1:21 x=1']);
});

it('readXml points at what is not well-formed', () => {
  assert.deepEqual(read('<uwsgi>\n<a>1</b></a>\n<c').problems, [
    '2:5 </b> closes nothing',
    '3:1 this "<" does not begin a well-formed tag',
  ]);
  assert.deepEqual(read('<uwsgi><a>1').problems, ['1:8 <a> is never closed']);
});

it('readXml ends for any text', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    'uwsgi',
    'a',
    '<a>',
    '</a>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&amp;',
    '"',
    ' ',
    '\n',
    '=',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      readXml(`<uwsgi>${pieces.join('')}`, 'x.xml', 'uwsgi');
    }),
  );
});
