import { ConfigError } from './config-error.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { NumericKind, OptionKind } from './option-kinds.ts';
import { allOptions, findOption, type OptionName, type Options, type Scope } from './option-table.ts';
import { type ParsedValue, parseValue } from './option-values.ts';
import type { RawEntry } from './raw-entry.ts';
import { pointAtValue } from './reading.ts';

type Value = boolean | number | string | readonly string[] | undefined;

const NUMERIC: ReadonlySet<OptionKind> = new Set<NumericKind>([
  'integer',
  'seconds',
  'milliseconds',
  'bytes',
  'megabytes',
]);
const NOTHING: readonly string[] = Object.freeze([]);

/** The typed options, and the entry that each one was last set by. */
export interface Resolution {
  readonly options: Options;
  readonly setBy: ReadonlyMap<OptionName, RawEntry>;
  /** Options with a value that could not be read. */
  readonly invalid: ReadonlySet<OptionName>;
}

/** Types the entries by the table: of single values the last one wins, lists keep all in order. */
export function resolveOptions(
  entries: readonly RawEntry[],
  scope: Scope,
  report: (diagnostic: Diagnostic) => void,
): Resolution {
  const values = defaults();
  const setBy = new Map<OptionName, RawEntry>();
  const invalid = new Set<OptionName>();
  for (const entry of entries) {
    const known = findOption(entry.key, scope);
    if (known === undefined) continue;
    const parsed = parseReporting(entry, known, report);
    if (parsed === undefined) {
      invalid.add(known.name);
      continue;
    }
    const { kind } = known.declaration;
    const isList = kind === 'list' || kind === 'addresses';
    if (isList) appendTo(values, known.name, String(parsed.value));
    else values.set(known.name, parsed.value);
    setBy.set(known.name, entry);
  }
  applyImplications(values, setBy);
  return { options: Object.fromEntries(values) as unknown as Options, setBy, invalid };
}

function defaults(): Map<OptionName, Value> {
  const values = new Map<OptionName, Value>();
  for (const { name, declaration } of allOptions())
    values.set(name, declaration.default ?? emptyValue(declaration.kind));
  return values;
}

function emptyValue(kind: OptionKind): Value {
  if (kind === 'flag') return false;
  if (kind === 'list' || kind === 'addresses') return NOTHING;
  return NUMERIC.has(kind) ? 0 : undefined;
}

function parseReporting(
  entry: RawEntry,
  known: { readonly name: OptionName; readonly declaration: Parameters<typeof parseValue>[1] },
  report: (diagnostic: Diagnostic) => void,
): ParsedValue | undefined {
  try {
    const parsed = parseValue(entry.value, known.declaration);
    if (parsed.warning !== undefined) {
      const message = `${known.name}: ${parsed.warning.message}`;
      report({ ...pointAtValue(entry), severity: 'warning', ...parsed.warning, message });
    }
    return parsed;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const suggestion = error.suggestion === undefined ? {} : { suggestion: error.suggestion };
    report({ ...pointAtValue(entry), severity: 'error', message: `${known.name}: ${error.message}`, ...suggestion });
    return undefined;
  }
}

function appendTo(values: Map<OptionName, Value>, name: OptionName, item: string): void {
  const list = values.get(name);
  if (Array.isArray(list) && list !== NOTHING) list.push(item);
  else values.set(name, [item]);
}

/** An option that is on sets the flags it implies, unless they are set themselves. */
function applyImplications(values: Map<OptionName, Value>, setBy: ReadonlyMap<OptionName, RawEntry>): void {
  for (const { name, declaration } of allOptions()) {
    if (declaration.implies === undefined || !isSet(values.get(name), setBy.has(name))) continue;
    for (const implied of declaration.implies) {
      if (!setBy.has(implied as OptionName)) values.set(implied as OptionName, true);
    }
  }
}

function isSet(value: Value, wasSet: boolean): boolean {
  return wasSet && value !== false && value !== 0;
}
