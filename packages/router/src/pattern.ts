/** A regular expression that cannot be compiled; the message says why. */
export class PatternError extends Error {}

const LEADING_FLAGS = /^\(\?([a-zA-Z]+)\)/;
/** An escape, a bracket class, or a group, quantifier or sign that JavaScript writes otherwise or has not. */
const TOKENS =
  /\\x\{[0-9a-fA-F]+\}|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?[a-z]+:\]|[^\]\\])*\]|\(\?P[<=>]|\(\?>|[*+?}]\+|[.$]/g;
/** A group in which the dot means something else. */
const DOT_ALL_GROUP = /\(\?[im]*s[ims]*[:-]/;
const CLASS_TOKENS = /\\x\{[0-9a-fA-F]+\}|\\[\s\S]|\[:\^?[a-z]+:\]|\[/g;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\A': '(?<![\\s\\S])',
  '\\z': '(?![\\s\\S])',
  '\\Z': '(?=\\n?(?![\\s\\S]))',
  '\\h': '[ \\t]',
  '\\H': '[^ \\t]',
  // JavaScript counts the byte A0 as a blank, which is a part of many letters in UTF-8.
  '\\s': '[\\t-\\r ]',
  '\\S': '[^\\t-\\r ]',
  '\\v': '[\\n\\v\\f\\r]',
  '\\R': '(?:\\r\\n|[\\n\\v\\f\\r])',
  '\\N': '[^\\n]',
  '\\e': '\\x1b',
  '\\a': '\\x07',
};
/** Escapes of letters that mean the same on both sides. */
const SHARED_LETTERS = 'bBdDwWtnfrckx';

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  '[:alpha:]': 'A-Za-z',
  '[:digit:]': '0-9',
  '[:alnum:]': '0-9A-Za-z',
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
  '[:space:]': '\\t-\\r ',
  '[:blank:]': ' \\t',
  '[:punct:]': '!-\\/:-@\\[-`{-~',
  '[:xdigit:]': '0-9A-Fa-f',
  '[:word:]': '\\w',
  '[:cntrl:]': '\\x00-\\x1f\\x7f',
  '[:graph:]': '!-~',
  '[:print:]': ' -~',
};

/**
 * Compiles a regular expression written for PCRE, as uWSGI's are: unanchored, over bytes. What JavaScript writes otherwise is
 * translated (`(?i)` in front, `\A`, `\Z`, `\h`, POSIX classes, `(?P<name>…)`, …), what it has not is refused.
 * @throws {PatternError}
 */
export function compilePattern(pattern: string): RegExp {
  const flags = LEADING_FLAGS.exec(pattern);
  try {
    const letters = flags?.[1] ?? '';
    if (/[^ims]/.test(letters)) throw new Error(`the option (?${letters}) is not known here`);
    const source = pattern.slice(flags?.[0].length ?? 0);
    const translated = source.replace(
      TOKENS,
      (token) => translateSign(token, source, letters) ?? translateToken(token),
    );
    return new RegExp(translated, [...new Set(letters)].join(''));
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
    throw new PatternError(`cannot use the regular expression "${pattern}": ${reason}`);
  }
}

/**
 * The dot matches everything but a line feed (in JavaScript also no carriage return), and `$` also in front of a line feed that ends
 * the text: a rule that denies `^/admin.*$` must not be passed by with `/admin%0D` or `/admin%0A`.
 * @returns undefined for a token that is none of the two
 */
function translateSign(token: string, source: string, flags: string): string | undefined {
  if (token === '.') return flags.includes('s') || DOT_ALL_GROUP.test(source) ? '.' : '[^\\n]';
  if (token === '$') return flags.includes('m') ? '$' : '\\n?$';
  return undefined;
}

function translateToken(token: string): string {
  if (token.startsWith('\\')) return translateEscape(token);
  if (token.startsWith('[')) return translateClass(token);
  switch (token) {
    case '(?P<':
      return '(?<';
    case '(?P=':
    case '(?P>':
    case '(?>':
      throw new Error(`groups of the form ${token}…) are not known here`);
    default:
      throw new Error('possessive quantifiers are not known here');
  }
}

function translateEscape(token: string): string {
  const known = ESCAPES[token];
  if (known !== undefined) return known;
  if (token.startsWith('\\x{')) return translateHex(token);
  const character = token.charAt(1);
  if (/[A-Za-z]/.test(character) && !SHARED_LETTERS.includes(character)) {
    throw new Error(`the escape ${token} is not known here`);
  }
  return token;
}

function translateHex(token: string): string {
  const code = Number.parseInt(token.slice(3, -1), 16);
  if (code > 0xff) throw new Error(`${token} is no byte`);
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** A bracket in front stands for itself in PCRE, and ends an empty class in JavaScript. */
function translateClass(token: string): string {
  const open = token.startsWith('[^') ? '[^' : '[';
  let content = token.slice(open.length, -1);
  let first = '';
  if (content.startsWith(']')) {
    first = '\\]';
    content = content.slice(1);
  }
  return `${open}${first}${content.replace(CLASS_TOKENS, translateClassToken)}]`;
}

function translateClassToken(token: string): string {
  if (token === '[') return '\\[';
  if (token.startsWith('[:')) {
    const characters = POSIX_CLASSES[token];
    if (characters === undefined) throw new Error(`the class ${token} is not known here`);
    return characters;
  }
  if (token === '\\h') return ' \\t';
  if (token === '\\s') return '\\t-\\r ';
  if (token === '\\S') return '\\x00-\\x08\\x0e-\\x1f!-\\xff';
  if (token === '\\b') return token;
  const translated = translateEscape(token);
  if (translated.length > 4) throw new Error(`${token} cannot stand in a class here`);
  return translated;
}
