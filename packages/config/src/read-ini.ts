import type { Diagnostic } from './diagnostic.ts';
import type { RawEntry } from './raw-entry.ts';

/** What an ini text holds of one section. */
export interface IniContent {
  readonly entries: readonly RawEntry[];
  /** Whether the section asked for is there at all. */
  readonly found: boolean;
  /** Names of all sections, for a hint when the one asked for is missing. */
  readonly sections: ReadonlySet<string>;
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads uWSGI's ini dialect: repeated keys in order, the first `=` separates, blanks round key and value go, a comment
 * is a line that begins with `;` or `#`, quotes and brackets in values are data, nothing continues on the next line,
 * a key without `=` has the empty value, a section may occur several times.
 *
 * Where uWSGI cuts the last character of a section's line, this reads up to the `]`.
 * @param source name for the origins
 */
export function readIni(text: string, source: string, section: string): IniContent {
  const entries: RawEntry[] = [];
  const sections = new Set<string>();
  const problems: Diagnostic[] = [];
  let current = '';
  let lineNumber = 0;
  for (const line of linesOf(text)) {
    lineNumber += 1;
    const start = firstInk(line);
    const first = line[start];
    if (first === undefined || first === ';' || first === '#') continue;
    if (first === '[') {
      const end = line.indexOf(']', start);
      current = line.slice(start + 1, end === -1 ? undefined : end);
      sections.add(current);
      const problem = sectionProblem(line, end);
      if (problem !== undefined) problems.push({ ...problem, origin: { source, line: lineNumber }, sourceLine: line });
    } else if (current === section) {
      entries.push(readLine(line, start, { source, line: lineNumber }));
    }
  }
  return { entries, found: sections.has(section), sections, problems };
}

/** Lines without their ends, one at a time, without a copy of the text. */
export function* linesOf(text: string): Generator<string> {
  let start = text.startsWith('\u{FEFF}') ? 1 : 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    yield text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    start = end + 1;
  }
  if (start < text.length) yield text.endsWith('\r') ? text.slice(start, -1) : text.slice(start);
}

/** uWSGI takes the last character of the line for the bracket, whatever it is. */
function sectionProblem(line: string, end: number): Pick<Diagnostic, 'severity' | 'message' | 'column'> | undefined {
  if (end === -1) {
    return {
      severity: 'error',
      column: lastInk(line, line.length) + 1,
      message: 'the name of the section is not closed: expected "]"',
    };
  }
  const behind = firstInk(line, end + 1);
  if (behind >= line.length) return undefined;
  return {
    severity: 'warning',
    column: behind + 1,
    message:
      'text behind the name of a section is ignored; uWSGI would take it for a part of the name and skip the section',
  };
}

function readLine(line: string, start: number, origin: RawEntry['origin']): RawEntry {
  const equals = line.indexOf('=', start);
  const hasValue = equals !== -1;
  const key = line.slice(start, Math.max(start, lastInk(line, hasValue ? equals : line.length)));
  const place = { written: key, origin, line, keyColumn: start + 1, hasValue };
  if (!hasValue) return { key, value: '', valueColumn: 0, ...place };
  const valueStart = Math.min(firstInk(line, equals + 1), line.length);
  const value = withoutOuterBlanks(line.slice(equals + 1));
  return { key, value, valueColumn: valueStart + 1, ...place };
}

/** A text without the blanks in front of it and behind it. */
export function withoutOuterBlanks(text: string): string {
  const start = firstInk(text);
  return text.slice(start, Math.max(start, lastInk(text, text.length)));
}

function firstInk(line: string, from = 0): number {
  let at = from;
  while (at < line.length && isBlank(line.charCodeAt(at))) at += 1;
  return at;
}

/** End (exclusive) of the text before `end` without its trailing blanks. */
function lastInk(line: string, end: number): number {
  let at = end;
  while (at > 0 && isBlank(line.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Blank, tab, carriage return: what uWSGI drops. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
