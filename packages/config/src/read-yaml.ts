import type { Diagnostic } from './diagnostic.ts';
import type { RawEntry } from './raw-entry.ts';
import { type IniContent, linesOf } from './read-ini.ts';
import { parseFlowList, parseScalar, withoutComment, YamlProblem } from './yaml-scalars.ts';

/**
 * Reads a configuration in the part of YAML that configurations use: sections at the left margin, each a map of
 * `key: value`; a list repeats its option; a key may occur several times. Scalars plain, quoted, folded (`>`) or
 * literal (`|`). Everything is text. Anchors, tags and maps inside options are refused.
 */
export function readYaml(text: string, source: string, section: string): IniContent {
  const reader = new YamlReader([...linesOf(text)], source, section);
  reader.read();
  return reader;
}

const BLOCK_SCALAR = /^([|>])([+-]?)\d?\s*(?:#.*)?$/;

class YamlReader implements IniContent {
  readonly entries: RawEntry[] = [];
  readonly sections: Set<string> = new Set<string>();
  readonly problems: Diagnostic[] = [];
  found = false;

  readonly #lines: readonly string[];
  readonly #source: string;
  readonly #section: string;
  /** Index of the next line. */
  #next = 0;

  constructor(lines: readonly string[], source: string, section: string) {
    this.#lines = lines;
    this.#source = source;
    this.#section = section;
  }

  read(): void {
    let inside = false;
    let indent: number | undefined;
    while (this.#next < this.#lines.length) {
      const index = this.#next++;
      const line = this.#lines[index] ?? '';
      if (isSilent(line)) continue;
      const pair = findPair(line);
      if (/^\t| \t/.test(line.slice(0, line.search(/\S/))))
        this.#report(index, 1, 'a tab in front of a line: YAML wants blanks');
      else if (pair === undefined) {
        if (inside || indentOf(line) === 0) this.#report(index, indentOf(line) + 1, 'expected "key: value"');
      } else if (pair.indent === 0) {
        inside = this.#openSection(index, pair);
        indent = undefined;
      } else if (inside) {
        indent ??= indentOf(line);
        if (indentOf(line) === indent) this.#readOption(index, pair);
        else this.#report(index, indentOf(line) + 1, 'the line is not indented like the options above it');
      }
    }
  }

  #openSection(index: number, pair: Pair): boolean {
    const name = this.#scalar(index, pair.key);
    this.sections.add(name);
    if (name !== this.#section) return false;
    this.found = true;
    const rest = (this.#lines[index] ?? '').slice(pair.end).trim();
    if (rest !== '' && !rest.startsWith('#') && rest !== '{}') {
      this.#report(index, pair.end + 2, `section ${JSON.stringify(name)} is not a map of options`);
    }
    return true;
  }

  #readOption(index: number, pair: Pair): void {
    const line = this.#lines[index] ?? '';
    const key = { name: this.#scalar(index, pair.key), column: pair.indent + 1 };
    const column = pair.end + firstInk(line.slice(pair.end)) + 1;
    const rest = line.slice(column - 1).trimEnd();
    const block = BLOCK_SCALAR.exec(rest);
    if (block !== null)
      this.#add(index, key, column, this.#readBlock(indentOf(line), block[1] === '|', block[2] ?? ''));
    else if (rest.startsWith('['))
      for (const item of this.#flowList(index, column, rest)) this.#add(index, key, column, item);
    else if (rest === '' || rest.startsWith('#')) this.#readBelow(index, key, column, indentOf(line));
    else this.#add(index, key, column, this.#scalar(index, this.#joinContinuations(rest, indentOf(line)), column));
  }

  /** What follows a key without a value: a list, or nothing. */
  #readBelow(index: number, key: Key, column: number, indent: number): void {
    let items = 0;
    for (; this.#next < this.#lines.length; this.#next += 1) {
      const line = this.#lines[this.#next] ?? '';
      if (isSilent(line)) continue;
      const item = /^( *)-(?:\s+(.*))?$/.exec(line);
      if (item === null || (item[1]?.length ?? 0) < indent) break;
      items += 1;
      const itemColumn = line.length - (item[2]?.length ?? 0) + 1;
      this.#add(this.#next, key, itemColumn, this.#scalar(this.#next, item[2]?.trimEnd() ?? '', itemColumn));
    }
    if (items > 0) return;
    const line = this.#lines[this.#next];
    if (line !== undefined && indentOf(line) > indent) this.#skipNested(key, indent);
    else this.#add(index, key, column, '');
  }

  #skipNested(key: Key, indent: number): void {
    this.#report(
      this.#next,
      indentOf(this.#lines[this.#next] ?? '') + 1,
      `the value of ${JSON.stringify(key.name)} is a map: expected text or a list`,
    );
    while (
      this.#next < this.#lines.length &&
      (isSilent(this.#lines[this.#next] ?? '') || indentOf(this.#lines[this.#next] ?? '') > indent)
    ) {
      this.#next += 1;
    }
  }

  /** Plain text goes on in deeper lines. */
  #joinContinuations(first: string, indent: number): string {
    let text = first;
    if (first.startsWith('"') || first.startsWith("'")) return text;
    for (; this.#next < this.#lines.length; this.#next += 1) {
      const line = this.#lines[this.#next] ?? '';
      if (line.trim() === '' || indentOf(line) <= indent || line.trim().startsWith('#')) break;
      text = `${withoutComment(text)} ${line.trim()}`;
    }
    return text;
  }

  /** `|` keeps the line ends, `>` makes blanks of them; `-` drops the last one. */
  #readBlock(indent: number, literal: boolean, chomp: string): string {
    const lines: string[] = [];
    for (; this.#next < this.#lines.length; this.#next += 1) {
      const line = this.#lines[this.#next] ?? '';
      if (line.trim() !== '' && indentOf(line) <= indent) break;
      lines.push(line);
    }
    const depth = Math.min(...lines.filter((line) => line.trim() !== '').map(indentOf), Number.MAX_SAFE_INTEGER);
    const text = lines.map((line) => line.slice(depth)).join(literal ? '\n' : ' ');
    return chomp === '-' || !literal ? text.trimEnd() : `${text.trimEnd()}\n`;
  }

  #flowList(index: number, column: number, text: string): readonly string[] {
    return this.#attempt(index, column, () => parseFlowList(text)) ?? [];
  }

  #scalar(index: number, text: string, column = 1): string {
    return this.#attempt(index, column, () => parseScalar(text)) ?? '';
  }

  #attempt<Result>(index: number, column: number, action: () => Result): Result | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof YamlProblem)) throw error;
      this.#report(index, column, error.message);
      return undefined;
    }
  }

  #add(index: number, key: Key, valueColumn: number, value: string): void {
    const line = this.#lines[index] ?? '';
    const origin = { source: this.#source, line: index + 1 };
    const keyColumn = Math.min(key.column, valueColumn);
    this.entries.push({
      key: key.name,
      written: key.name,
      value,
      origin,
      line,
      keyColumn,
      valueColumn,
      hasValue: true,
    });
  }

  #report(index: number, column: number, message: string): void {
    const origin = { source: this.#source, line: index + 1 };
    this.problems.push({ severity: 'error', origin, sourceLine: this.#lines[index] ?? '', column, message });
  }
}

/** `key: value`, cut behind the colon. */
interface Pair {
  readonly indent: number;
  /** As written, quotes included. */
  readonly key: string;
  readonly end: number;
}

/** Characters that no plain key begins with. */
const NO_KEY = new Set('#[]{}&*!|>%@`,?');

/** Finds the colon that ends a key: behind the quotes, or one with a blank or the end of the line behind it. */
function findPair(line: string): Pair | undefined {
  const indent = indentOf(line);
  const first = line[indent] ?? '';
  if (first === '' || NO_KEY.has(first) || (first === '-' && /\s|^$/.test(line[indent + 1] ?? ''))) return undefined;
  const quoteEnd = first === '"' || first === "'" ? endOfQuotes(line, indent) : indent;
  for (let colon = line.indexOf(':', quoteEnd); colon !== -1; colon = line.indexOf(':', colon + 1)) {
    const behind = line[colon + 1];
    if (behind !== undefined && behind !== ' ' && behind !== '\t') continue;
    return { indent, key: line.slice(indent, colon).trimEnd(), end: colon + 1 };
  }
  return undefined;
}

function endOfQuotes(line: string, start: number): number {
  const quote = line[start] ?? '';
  for (let at = start + 1; at < line.length; at += 1) {
    if (quote === '"' && line[at] === '\\') at += 1;
    else if (line[at] === quote) return at + 1;
  }
  return line.length;
}

interface Key {
  readonly name: string;
  readonly column: number;
}

/** Blank lines, comments, and the marks of documents. */
function isSilent(line: string): boolean {
  return /^\s*(?:#|$)/.test(line) || /^(?:---|\.\.\.)\s*(?:#.*)?$/.test(line) || line.startsWith('%YAML');
}

function indentOf(line: string): number {
  return firstInk(line);
}

function firstInk(text: string): number {
  const at = text.search(/\S/);
  return at === -1 ? text.length : at;
}
