import type { Diagnostic } from './diagnostic.ts';
import type { OptionKind } from './option-kinds.ts';
import { findOption, type Scope } from './option-table.ts';
import { commentBehind } from './option-values.ts';
import type { RawEntry } from './raw-entry.ts';
import { pointAtKey, pointAtValue } from './reading.ts';

/** What a line is that was not meant to be in a configuration, or `undefined`. */
export function leftoverIn(line: string): string | undefined {
  const text = line.trimStart();
  if (/^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)/.test(text)) return 'this is the mark of a merge conflict, left in the file';
  for (const [open, close] of TEMPLATE_MARKS) {
    const start = text.indexOf(open);
    if (start !== -1 && text.includes(close, start))
      return `${open} … ${close} is a piece of a template that was not filled in`;
  }
  return undefined;
}

const TEMPLATE_MARKS: readonly (readonly [string, string])[] = [
  ['{{', '}}'],
  ['{%', '%}'],
  ['<%', '%>'],
];

/** Kinds whose values are read by a rule of their own, which says what a comment behind them does. */
const OTHER_KINDS: ReadonlySet<OptionKind> = new Set<OptionKind>([
  'flag',
  'integer',
  'seconds',
  'milliseconds',
  'bytes',
  'megabytes',
  'mode',
]);

/** Names in whose values neither `;` nor `#` behind a blank has a meaning. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    'module wsgi-file callable chdir chdir2 virtualenv pythonpath mount import ini include uid gid socket uwsgi-socket http-socket ' +
    'http11-socket http http-to stats pidfile safe-pidfile daemonize logto check-static static-map static-index touch-reload master-fifo ' +
    'spooler plugins chown-socket procname procname-prefix procname-prefix-spaced cheaper-algo protocol emperor vassals-include'
  ).split(' '),
);

/** Looks for lines that mean something else than they seem to. */
export function examineLines(entries: readonly RawEntry[], scope: Scope): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const spellings = new Map<string, RawEntry>();
  for (const entry of entries) {
    const known = findOption(entry.key, scope);
    if (known === undefined) continue;
    const problem = examineValue(entry, known.declaration.kind);
    if (problem !== undefined) diagnostics.push(problem);
    const isList = known.declaration.kind === 'list' || known.declaration.kind === 'addresses';
    const earlier = isList ? undefined : spellings.get(entry.key);
    if (earlier !== undefined && earlier.written !== entry.written) diagnostics.push(bothSpellings(earlier, entry));
    spellings.set(entry.key, entry);
  }
  return diagnostics;
}

function examineValue(entry: RawEntry, kind: OptionKind): Diagnostic | undefined {
  if (!entry.hasValue) return withoutValue(entry, kind);
  const leftover = leftoverIn(entry.line);
  if (leftover !== undefined && entry.origin.line > 0)
    return { ...pointAtValue(entry), severity: 'warning', message: leftover };
  if (OTHER_KINDS.has(kind) || !PLAIN.has(entry.key)) return undefined;
  return unresolved(entry) ?? trailingComment(entry);
}

/** A placeholder that stands for nothing is left as written, which is hardly ever meant. */
function unresolved(entry: RawEntry): Diagnostic | undefined {
  const [written, sign, name] = /([%$])\(([^()]+)\)/.exec(entry.value) ?? [];
  if (written === undefined) return undefined;
  const missing = sign === '$' ? `the environment has no ${name}` : `nothing is called ${name}`;
  return { ...pointAtValue(entry), severity: 'warning', message: `${written} is left as written: ${missing}` };
}

function trailingComment(entry: RawEntry): Diagnostic | undefined {
  const before = commentBehind(entry.value);
  if (before === undefined) return undefined;
  return {
    ...pointAtValue(entry),
    severity: 'warning',
    message: `${entry.written}: a comment behind a value is a part of the value, which is ${JSON.stringify(entry.value)}`,
    suggestion: `put the comment on a line of its own, and write: ${entry.written} = ${before}`,
  };
}

function withoutValue(entry: RawEntry, kind: OptionKind): Diagnostic | undefined {
  // Numbers and permission bits complain about the missing value themselves.
  if (kind !== 'flag' && OTHER_KINDS.has(kind)) return undefined;
  const meaning = kind === 'flag' ? 'it counts as true' : 'the value is empty';
  return {
    ...pointAtKey(entry),
    severity: 'warning',
    message: `${entry.written} has no "=" behind it: ${meaning}, as in uWSGI`,
    suggestion: kind === 'flag' ? `write: ${entry.written} = true` : `write: ${entry.written} = VALUE`,
  };
}

function bothSpellings(earlier: RawEntry, later: RawEntry): Diagnostic {
  const where =
    earlier.origin.line > 0 ? `line ${earlier.origin.line} of ${earlier.origin.source}` : earlier.origin.source;
  return {
    ...pointAtKey(later),
    severity: 'warning',
    message: `${later.written} and ${earlier.written} (${where}) are the same option: this one, the last, counts`,
    suggestion: 'keep one of them',
  };
}
