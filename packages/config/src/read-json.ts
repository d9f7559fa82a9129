import type { Diagnostic } from './diagnostic.ts';
import type { RawEntry } from './raw-entry.ts';
import type { IniContent } from './read-ini.ts';

/**
 * Reads a configuration in JSON: an object of sections, each an object of options. A list repeats its option; numbers,
 * `true` (1), `false` and `null` (0) are taken as text, as uWSGI does. A key that is written twice counts twice.
 */
export function readJson(text: string, source: string, section: string): IniContent {
  const reader = new JsonReader(text, source, section);
  try {
    reader.readDocument();
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    reader.report(error.at, error.message);
  }
  return reader;
}

class SyntaxProblem extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** A key and where it stands. */
interface Key {
  readonly name: string;
  readonly at: number;
}

const BLANKS = /[ \t\r\n]*/y;
/** Control characters inside are found by JSON.parse. */
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORD_VALUES: Readonly<Record<string, string | undefined>> = { true: '1', false: '0', null: '0' };

class JsonReader implements IniContent {
  readonly entries: RawEntry[] = [];
  readonly sections: Set<string> = new Set<string>();
  readonly problems: Diagnostic[] = [];
  found = false;

  readonly #text: string;
  readonly #source: string;
  readonly #section: string;
  readonly #lineStarts: readonly number[];
  #at: number;

  constructor(text: string, source: string, section: string) {
    this.#text = text;
    this.#source = source;
    this.#section = section;
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
    this.#at = text.startsWith('\u{FEFF}') ? 1 : 0;
  }

  readDocument(): void {
    this.#readObject('an object of sections, such as {"uwsgi": {…}}', ({ name, at }) => {
      this.sections.add(name);
      if (name !== this.#section) this.#skipValue();
      else {
        this.found = true;
        if (this.#peek() !== '{')
          throw new SyntaxProblem(at, `section ${JSON.stringify(name)} is not an object of options`);
        this.#readObject('an object of options', (key) => this.#readOption(key));
      }
    });
    this.#skipBlanks();
    if (this.#at < this.#text.length)
      throw new SyntaxProblem(this.#at, 'there is text behind the end of the JSON document');
  }

  report(at: number, message: string): void {
    const { origin, line, column } = this.#place(at);
    this.problems.push({ severity: 'error', origin, sourceLine: line, column, message });
  }

  #readOption(key: Key): void {
    const at = this.#at;
    if (this.#peek() === '[') this.#readList(key);
    else if (this.#peek() === '{') {
      this.#skipValue();
      this.report(at, `the value of ${JSON.stringify(key.name)} is an object: expected text, a number or a list`);
    } else this.#add(key, this.#at, this.#readScalar());
  }

  #readList(key: Key): void {
    this.#readItems('[', ']', () => {
      const at = this.#at;
      if (this.#peek() === '[' || this.#peek() === '{') {
        this.#skipValue();
        this.report(at, `an item of ${JSON.stringify(key.name)} is not text or a number`);
      } else this.#add(key, at, this.#readScalar());
    });
  }

  #add(key: Key, valueAt: number, value: string): void {
    const place = this.#place(key.at);
    const valuePlace = this.#place(valueAt);
    const sameLine = place.origin.line === valuePlace.origin.line;
    this.entries.push({
      key: key.name,
      written: key.name,
      value,
      origin: valuePlace.origin,
      line: valuePlace.line,
      keyColumn: sameLine ? place.column : valuePlace.column,
      valueColumn: valuePlace.column,
      hasValue: true,
    });
  }

  #readObject(expected: string, readMember: (key: Key) => void): void {
    this.#skipBlanks();
    if (this.#peek() !== '{') throw new SyntaxProblem(this.#at, `expected ${expected}`);
    this.#readItems('{', '}', () => {
      const at = this.#at;
      const name = this.#readString();
      this.#skipBlanks();
      if (this.#peek() !== ':') throw new SyntaxProblem(this.#at, 'expected ":" behind the key');
      this.#at += 1;
      this.#skipBlanks();
      readMember({ name, at });
    });
  }

  /** `open item, item close` */
  #readItems(open: string, close: string, readItem: () => void): void {
    if (this.#peek() !== open) throw new SyntaxProblem(this.#at, `expected "${open}"`);
    this.#at += 1;
    this.#skipBlanks();
    if (this.#peek() === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skipBlanks();
      readItem();
      this.#skipBlanks();
      const next = this.#peek();
      this.#at += 1;
      if (next === close) return;
      if (next !== ',') throw new SyntaxProblem(this.#at - 1, `expected "," or "${close}"`);
    }
  }

  #readScalar(): string {
    const start = this.#at;
    if (this.#peek() === '"') return this.#readString();
    const found = this.#match(NUMBER) ?? this.#match(WORD);
    if (found === undefined) throw new SyntaxProblem(start, 'expected text in double quotes, a number, true or false');
    return WORD_VALUES[found] ?? found;
  }

  #readString(): string {
    const literal = this.#match(STRING);
    if (literal === undefined) throw new SyntaxProblem(this.#at, 'expected text in double quotes');
    try {
      return JSON.parse(literal) as string;
    } catch {
      throw new SyntaxProblem(this.#at - literal.length, 'the text has a control character or an unknown escape in it');
    }
  }

  /** Passes over a value of any depth, checking no more than its brackets. */
  #skipValue(): void {
    let depth = 0;
    do {
      this.#skipBlanks();
      const next = this.#peek();
      if (next === '{' || next === '[') depth += 1;
      else if (next === '}' || next === ']') depth -= 1;
      if (next === undefined) throw new SyntaxProblem(this.#at, 'the JSON document ends too early');
      if ('{}[],:'.includes(next)) this.#at += 1;
      else this.#readScalar();
    } while (depth > 0);
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #place(at: number): { readonly origin: RawEntry['origin']; readonly line: string; readonly column: number } {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    const start = this.#lineStarts[low] ?? 0;
    const end = this.#lineStarts[low + 1] ?? this.#text.length + 1;
    const line = this.#text.slice(start, end - 1).replace(/\r$/, '');
    return { origin: { source: this.#source, line: low + 1 }, line, column: at - start + 1 };
  }
}
