import type { Diagnostic } from './diagnostic.ts';
import type { RawEntry } from './raw-entry.ts';
import type { IniContent } from './read-ini.ts';

/** One piece of markup: comment, CDATA, instruction, or a tag with its slash, name, attributes and closing slash. */
const MARKUP =
  /<(?:!--[^]*?-->|!\[CDATA\[([^]*?)\]\]>|[?!][^>]*>|(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>)/y;

/**
 * Reads a configuration in XML: elements inside `<uwsgi>`, each named after an option, its text the value; an element
 * without text is 1. With several `<uwsgi id="…">` the section asked for is the id, the first one is meant otherwise.
 */
export function readXml(text: string, source: string, section: string): IniContent {
  const reader = new XmlReader(text, source, section);
  reader.read();
  return reader;
}

class XmlReader implements IniContent {
  readonly entries: RawEntry[] = [];
  readonly sections: Set<string> = new Set<string>();
  readonly problems: Diagnostic[] = [];
  found = false;

  readonly #text: string;
  readonly #source: string;
  readonly #section: string;
  /** Whether the current `<uwsgi>` is the one asked for. */
  #inside = false;
  /** The option element that is open, and where its text begins. */
  #open: { readonly name: string; readonly at: number; value: string } | undefined;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, source: string, section: string) {
    this.#text = text;
    this.#source = source;
    this.#section = section;
  }

  read(): void {
    for (;;) {
      const start = this.#text.indexOf('<', this.#at);
      this.#addText(this.#text.slice(this.#at, start === -1 ? undefined : start));
      if (start === -1) break;
      MARKUP.lastIndex = start;
      const found = MARKUP.exec(this.#text);
      if (found === null) {
        this.#report(start, 'this "<" does not begin a well-formed tag');
        return;
      }
      this.#at = MARKUP.lastIndex;
      this.#markup(found, start);
    }
    if (this.#open !== undefined) this.#report(this.#open.at, `<${this.#open.name}> is never closed`);
  }

  #markup([, data, slash, name, attributes = '', selfClosed]: RegExpExecArray, start: number): void {
    if (data !== undefined && this.#open !== undefined) this.#open.value += data;
    if (name === undefined) return;
    if (name === 'uwsgi') this.#openOrClose(slash === '/', attributes, selfClosed === '/');
    else if (this.#inside) this.#option(name, slash === '/', selfClosed === '/', start);
  }

  #openOrClose(closes: boolean, attributes: string, selfClosed: boolean): void {
    this.#inside = false;
    if (closes) return;
    const id = /\sid\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(attributes);
    const name = id?.[1] ?? id?.[2] ?? 'uwsgi';
    this.sections.add(name);
    const wanted = name === this.#section || (this.#section === 'uwsgi' && !this.found);
    this.#inside = wanted && !selfClosed;
    this.found ||= wanted;
  }

  #option(name: string, closes: boolean, selfClosed: boolean, start: number): void {
    if (selfClosed) this.#add(name, '1', start);
    else if (!closes) {
      if (this.#open !== undefined)
        this.#report(start, `<${name}> stands inside <${this.#open.name}>: options do not nest`);
      this.#open = { name, at: start, value: '' };
    } else if (this.#open?.name === name) {
      this.#add(name, this.#open.value === '' ? '1' : this.#open.value, this.#open.at);
      this.#open = undefined;
    } else this.#report(start, `</${name}> closes nothing`);
  }

  #addText(text: string): void {
    if (this.#open !== undefined) this.#open.value += decodeEntities(text);
  }

  #add(name: string, value: string, at: number): void {
    const { origin, line, column } = this.#place(at);
    const valueColumn = column + name.length + 2;
    this.entries.push({
      key: name,
      written: name,
      value,
      origin,
      line,
      keyColumn: column + 1,
      valueColumn,
      hasValue: true,
    });
  }

  #report(at: number, message: string): void {
    const { origin, line, column } = this.#place(at);
    this.problems.push({ severity: 'error', origin, sourceLine: line, column, message });
  }

  /** Places are asked for in rising order, so the lines are counted only once. */
  #place(at: number): { readonly origin: RawEntry['origin']; readonly line: string; readonly column: number } {
    for (
      let next = this.#text.indexOf('\n', this.#lineStart);
      next !== -1 && next < at;
      next = this.#text.indexOf('\n', this.#lineStart)
    ) {
      this.#line += 1;
      this.#lineStart = next + 1;
    }
    const end = this.#text.indexOf('\n', this.#lineStart);
    const line = this.#text.slice(this.#lineStart, end === -1 ? undefined : end).replace(/\r$/, '');
    return { origin: { source: this.#source, line: this.#line }, line, column: at - this.#lineStart + 1 };
  }
}

const ENTITIES: Readonly<Record<string, string | undefined>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (written, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? written;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written;
    },
  );
}
