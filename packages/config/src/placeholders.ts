import { appendBounded } from './bounded-replace.ts';

/** Finds what a name in a placeholder stands for, already expanded; `undefined` where nothing has that name. */
export type LookUp = (name: string) => string | undefined;

/**
 * Replaces `%(name)` and `%(a + b)`. A name that stands for nothing is left as written, so `%(uri)` of a log format survives.
 *
 * With blanks inside it is an expression: names and whole numbers joined as text, `+ - * /` on what is there so far and the
 * next word, `++` and `--` on what is there so far; from left to right, without precedence, in whole numbers; x / 0 is 0.
 * @throws {ConfigError} when the result is too long
 */
export function expandPlaceholders(text: string, lookUp: LookUp): string {
  let open = text.indexOf('%(');
  if (open === -1) return text;
  let result = '';
  let copied = 0;
  while (open !== -1) {
    const close = text.indexOf(')', open);
    if (close === -1) break;
    // `%(a%(b)`: the inner one is the placeholder.
    open = text.lastIndexOf('%(', close);
    const inner = text.slice(open + 2, close);
    result = appendBounded(result, text.slice(copied, open) + (valueOf(inner, lookUp) ?? text.slice(open, close + 1)));
    copied = close + 1;
    open = text.indexOf('%(', copied);
  }
  return result + text.slice(copied);
}

/** Names that a text refers to in placeholders, to know which variables are of use. */
export function namesInPlaceholders(text: string): string[] {
  return [...text.matchAll(/%\(([^()]*)\)/g)].flatMap((match) => (match[1] ?? '').split(' '));
}

function valueOf(inner: string, lookUp: LookUp): string | undefined {
  if (inner === '') return undefined;
  return inner.includes(' ') ? evaluate(inner, lookUp) : lookUp(inner);
}

function evaluate(expression: string, lookUp: LookUp): string {
  let value = '';
  let operator = '';
  for (const word of expression.split(' ')) {
    if (word === '') continue;
    const step = STEPS.get(word);
    if (step !== undefined) value = String(wholeNumber(value) + step);
    else if (OPERATORS.has(word)) operator = word;
    else {
      const operand = lookUp(word) ?? (/^\d+$/.test(word) ? word : '');
      value = operator === '' ? appendBounded(value, operand) : calculate(value, operator, operand);
      operator = '';
    }
  }
  return value;
}

const STEPS: ReadonlyMap<string, number> = new Map([
  ['++', 1],
  ['--', -1],
]);

const OPERATORS: ReadonlyMap<string, (left: number, right: number) => number> = new Map([
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => (right === 0 ? 0 : Math.trunc(left / right))],
]);

function calculate(left: string, operator: string, right: string): string {
  const result = OPERATORS.get(operator)?.(wholeNumber(left), wholeNumber(right)) ?? 0;
  return BigInt(Math.trunc(Number.isFinite(result) ? result : 0)).toString();
}

/** The leading digits of a text, as C's strtol reads them. */
export function wholeNumber(text: string): number {
  const digits = /^\s*[+-]?\d+/.exec(text);
  return digits === null ? 0 : Number(digits[0]);
}
