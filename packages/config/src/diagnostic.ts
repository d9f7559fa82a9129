import type { Origin } from './entry.ts';

/** A problem in a configuration. All problems of a load are collected before any is shown. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly origin?: Origin;
  /** 1-based column of the offending text in `sourceLine`. */
  readonly column?: number;
  /** The line as written. */
  readonly sourceLine?: string;
  /** What was found and what was expected, in one sentence. */
  readonly message: string;
  /** What to do, such as `did you mean "offload-threads"?`. */
  readonly suggestion?: string;
}

/** Brings diagnostics into the order of their lines; the sources stay in the order in which they first have a problem. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sources = new Map<string, number>();
  for (const { origin } of diagnostics) {
    if (origin !== undefined && !sources.has(origin.source)) sources.set(origin.source, sources.size);
  }
  const rank = ({ origin }: Diagnostic): number =>
    origin === undefined ? sources.size : (sources.get(origin.source) ?? 0);
  return diagnostics.toSorted(
    (left, right) =>
      rank(left) - rank(right) ||
      (left.origin?.line ?? 0) - (right.origin?.line ?? 0) ||
      (left.column ?? 0) - (right.column ?? 0),
  );
}

/** Longest piece of a source line that is shown; a line can be a megabyte. */
const SHOWN_COLUMNS = 160;

/**
 * Shows a diagnostic as compilers do:
 *
 *     uwsgi.ini:4:1: error: unknown option
 *       offload-treads = 1
 *       ^
 *       did you mean "offload-threads"?
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${place(diagnostic)}${diagnostic.severity}: ${printable(shorten(diagnostic.message))}`];
  if (diagnostic.sourceLine !== undefined && diagnostic.sourceLine.trim() !== '') {
    lines.push(...excerpt(diagnostic.sourceLine, diagnostic.column));
  }
  if (diagnostic.suggestion !== undefined) lines.push(`  ${printable(shorten(diagnostic.suggestion))}`);
  return lines.join('\n');
}

/** Longest sentence that is shown; it can quote a value of a megabyte. */
const SENTENCE_LENGTH = 600;

function shorten(sentence: string): string {
  return sentence.length > SENTENCE_LENGTH ? `${sentence.slice(0, SENTENCE_LENGTH)}…` : sentence;
}

/** `uwsgi.ini:4:1: `, as far as it is known. */
function place({ origin, column }: Diagnostic): string {
  if (origin === undefined) return '';
  if (origin.line === 0) return `${origin.source}: `;
  return `${origin.source}:${origin.line}:${column === undefined ? '' : `${column}:`} `;
}

function excerpt(line: string, column: number | undefined): string[] {
  const at = (column ?? 1) - 1;
  const start = at < SHOWN_COLUMNS - 20 ? 0 : at - 40;
  const shown = printable(line.slice(start, start + SHOWN_COLUMNS)).trimEnd();
  const lead = start === 0 ? '' : '…';
  const tail = line.length > start + SHOWN_COLUMNS ? '…' : '';
  const lines = [`  ${lead}${shown}${tail}`];
  if (column !== undefined) lines.push(`  ${' '.repeat(lead.length + at - start)}^`);
  return lines;
}

/** Text with each control character replaced by one visible character, so that columns stay true and terminals unharmed. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/\t/g, ' ').replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '�');
}
