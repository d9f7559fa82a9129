import { parseAddress } from './address.ts';
import { ConfigError } from './config-error.ts';
import { checkForm } from './option-forms.ts';
import type { OptionDeclaration } from './option-kinds.ts';

/** Something odd about a value that can be used all the same. */
export interface ValueWarning {
  readonly message: string;
  readonly suggestion?: string;
}

/** A typed value, and what is to be said about it. */
export interface ParsedValue {
  readonly value: boolean | number | string;
  readonly warning?: ValueWarning;
}

/**
 * Parses one value by the kind of its option.
 * @throws {ConfigError} with what was found and what was expected
 */
export function parseValue(text: string, declaration: OptionDeclaration): ParsedValue {
  if (text.includes('\0')) throw new ConfigError('the value contains a NUL character');
  if (text.includes('\u{FFFD}')) throw new ConfigError('the value is not valid UTF-8', 'save the file as UTF-8');
  switch (declaration.kind) {
    case 'flag':
      return parseFlag(text);
    case 'mode':
      return { value: parseMode(text) };
    case 'address':
    case 'addresses':
      parseAddress(text);
      return { value: text };
    case 'text':
    case 'list':
      return parseText(text, declaration);
    default:
      return parseNumber(text, declaration);
  }
}

/** Whether a text switches a flag on: everything but `false`, `off`, `no` in any case and `0`, even nothing. */
export function isOn(text: string): boolean {
  return text !== '0' && !/^(?:false|off|no)$/i.test(text);
}

function parseText(text: string, { choices, form, default: fallback }: OptionDeclaration): ParsedValue {
  if (form !== undefined) checkForm(text, form);
  if (choices === undefined || choices.includes(text)) return { value: text };
  const suggestion = `expected ${choices.join(', ')}`;
  if (typeof fallback !== 'string') throw new ConfigError(`${quote(text)} is not known`, suggestion);
  return {
    value: fallback,
    warning: { message: `${quote(text)} is not known, ${fallback} is taken instead`, suggestion },
  };
}

function parseFlag(text: string): ParsedValue {
  const value = isOn(text);
  if (/^(?:|0|1|true|on|yes|false|off|no)$/i.test(text)) return { value };
  const comment = commentBehind(text);
  if (comment === undefined) {
    return { value, warning: { message: `${quote(text)} counts as true`, suggestion: 'write true or false' } };
  }
  const meaning =
    'a comment behind a value is a part of the value, and anything but false, off, no and 0 counts as true';
  return {
    value,
    warning: {
      message: `${quote(text)} counts as true: ${meaning}`,
      suggestion: 'put the comment on a line of its own',
    },
  };
}

/** The text before something that looks like a comment. */
export function commentBehind(text: string): string | undefined {
  for (let at = 1; at < text.length; at += 1) {
    if ((text[at] === ';' || text[at] === '#') && (text[at - 1] === ' ' || text[at - 1] === '\t'))
      return text.slice(0, at).trimEnd();
  }
  return undefined;
}

/** Permission bits in octal. */
function parseMode(text: string): number {
  if (!/^[0-7]{1,5}$/.test(text)) {
    throw new ConfigError(`invalid chmod value: ${text}`, 'expected permission bits in octal, such as 660');
  }
  return Number.parseInt(text, 8);
}

/** What a suffix multiplies a number by; `m` is minutes or mebibytes. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number | undefined>> | undefined>> = {
  seconds: { s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 },
  milliseconds: { ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 },
  bytes: {
    b: 1,
    k: 1024,
    kb: 1024,
    kib: 1024,
    m: 1024 ** 2,
    mb: 1024 ** 2,
    mib: 1024 ** 2,
    g: 1024 ** 3,
    gb: 1024 ** 3,
    gib: 1024 ** 3,
  },
  megabytes: { m: 1, mb: 1, mib: 1, g: 1024, gb: 1024, gib: 1024 },
};

const EXPECTED: Readonly<Record<string, string | undefined>> = {
  integer: 'a whole number',
  seconds: 'a number of seconds, or one with a unit: 90s, 5m, 1h, 1d',
  milliseconds: 'a number of milliseconds, or one with a unit: 500ms, 2s',
  bytes: 'a number of bytes, or one with a unit: 64k, 10m, 1g',
  megabytes: 'a number of megabytes, or one with a unit: 512m, 2g',
};

function parseNumber(text: string, declaration: OptionDeclaration): ParsedValue {
  const exact = numberOf(text, declaration);
  if (exact !== undefined) return { value: inRange(exact, declaration) };
  if (/^(?:true|on|yes|false|off|no|)$/i.test(text)) return parseTruth(text, declaration);
  const before = commentBehind(text);
  const beforeComment = before === undefined ? undefined : numberOf(before, declaration);
  if (beforeComment === undefined) throw new ConfigError(`${quote(text)} is not ${EXPECTED[declaration.kind]}`);
  const warning = {
    message: 'this looks like a comment behind a value; only the leading digits count',
    suggestion: 'put the comment on a line of its own',
  };
  return { value: inRange(beforeComment, declaration), warning };
}

/** A boolean where a number is expected: uWSGI reads 0, even from `true`. */
function parseTruth(text: string, declaration: OptionDeclaration): ParsedValue {
  const on = text !== '' && isOn(text);
  if (on && declaration.trueMeans !== undefined) return { value: declaration.trueMeans };
  if (!on && text !== '') return { value: 0 };
  const expected = EXPECTED[declaration.kind];
  if (text === '')
    return { value: 0, warning: { message: `the value is missing and counts as 0: expected ${expected}` } };
  const suggestion = 'write the number you want, such as 1';
  return {
    value: 0,
    warning: { message: `${quote(text)} counts as 0 here, as in uWSGI: expected ${expected}`, suggestion },
  };
}

function numberOf(text: string, declaration: OptionDeclaration): number | undefined {
  const parts = /^([+-]?\d+)\s*([a-z]*)$/i.exec(text);
  if (parts?.[1] === undefined) return undefined;
  const unit = (parts[2] ?? '').toLowerCase();
  const factor = unit === '' ? 1 : UNITS[declaration.kind]?.[unit];
  const number = Number(parts[1]) * (factor ?? Number.NaN);
  return Number.isSafeInteger(number) ? number : undefined;
}

function inRange(number: number, { min, max }: OptionDeclaration): number {
  if (min !== undefined && number < min) throw new ConfigError(`${number} is too small: expected ${min} or more`);
  if (max !== undefined && number > max) throw new ConfigError(`${number} is too large: expected ${max} or less`);
  return number;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
