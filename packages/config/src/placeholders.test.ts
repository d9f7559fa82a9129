import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { ConfigError } from './config-error.ts';
import { expandPlaceholders, namesInPlaceholders } from './placeholders.ts';

const values: Readonly<Record<string, string>> = { a: '2', b: '8', name: 'shop', empty: '', text: 'x' };

function expand(text: string): string {
  return expandPlaceholders(text, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));
}

it('expandPlaceholders puts values in, and leaves unknown names as written', () => {
  assert.equal(expand('/run/%(name).%(name) [%(nothing)] [%(empty)] %(open'), '/run/shop.shop [%(nothing)] [] %(open');
});

it('expandPlaceholders calculates from left to right in whole numbers', () => {
  const results = [
    'a + b',
    'a - b',
    'a * b',
    'b / a',
    'a / nothing',
    'a ++',
    'a --',
    'a b + 2',
    'a + b * a',
    '7 / 2',
    '10 - 20',
    '2 * 1024',
  ];
  assert.deepEqual(
    results.map((expression) => expand(`%(${expression})`)),
    ['10', '-6', '16', '4', '0', '3', '1', '30', '20', '3', '-10', '2048'],
  );
});

it('expandPlaceholders takes unknown words for nothing and text for 0', () => {
  assert.deepEqual(
    ['text text', 'text + 1', 'nothing + 1', 'foo bar', 'a +', ' a '].map((expression) => expand(`%(${expression})`)),
    ['xx', '1', '1', '', '2', '2'],
  );
});

it('expandPlaceholders takes the inner of two placeholders', () => {
  assert.equal(expand('%(a%(b)'), '%(a8');
});

it('expandPlaceholders gives back text without placeholders, and ends for any text', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('%(')),
      (text) => assert.equal(expand(text), text),
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('%', '(', ')', 'a', ' ', '+', '/', '9') }), (text) => {
      expand(text);
    }),
  );
});

it('expandPlaceholders does not grow beyond the limit of a value', () => {
  const long = 'x'.repeat(1_000_000);
  assert.throws(() => expandPlaceholders('%(a)'.repeat(10), () => long), ConfigError);
  assert.throws(() => expandPlaceholders('%(a a a a a a)', () => long), ConfigError);
});

it('namesInPlaceholders finds every name that is referred to', () => {
  assert.deepEqual(namesInPlaceholders('%(a)/%(b + c) %(open'), ['a', 'b', '+', 'c']);
});
