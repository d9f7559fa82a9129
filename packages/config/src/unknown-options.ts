import type { Diagnostic } from './diagnostic.ts';
import { didYouMean, findUncommonOption } from './lazy-parts.ts';
import { findOption, type Scope } from './option-table.ts';
import { namesInPlaceholders } from './placeholders.ts';
import type { RawEntry } from './raw-entry.ts';
import { pointAtKey } from './reading.ts';

/** Which entries are custom variables, and what is to be said about unknown and unsupported options. */
export interface UnknownOptions {
  readonly variables: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Looks at the entries that are no options of ours.
 * @param raw the entries before expansion, in which it can be seen which variables are of use
 * @param expanded the same entries after it
 */
export function examineUnknown(
  raw: readonly RawEntry[],
  expanded: readonly RawEntry[],
  scope: Scope,
  strict: boolean,
): UnknownOptions {
  const variables = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  let used: ReadonlySet<string> | undefined;
  for (const [index, entry] of expanded.entries()) {
    const known = findOption(entry.key, scope);
    if (known !== undefined) {
      const { accepted, warns } = known.declaration;
      if (warns === true)
        diagnostics.push({
          ...pointAtKey(entry),
          severity: 'warning',
          message: `${entry.written} has no effect here: ${accepted}`,
        });
      continue;
    }
    const uncommon = describeUncommon(entry);
    if (uncommon === undefined || entry.isVariable === true) {
      if (!variables.has(entry.key)) variables.set(entry.key, entry.value);
      if (entry.isVariable === true) continue;
      used ??= new Set(raw.flatMap(({ value }) => (value.includes('%(') ? namesInPlaceholders(value) : [])));
      const problem = describeUnknown(raw[index] ?? entry, scope, strict, used);
      if (problem !== undefined) diagnostics.push(problem);
    } else if (uncommon !== 'accepted') diagnostics.push(uncommon);
  }
  return { variables, diagnostics };
}

function describeUncommon(entry: RawEntry): Diagnostic | 'accepted' | undefined {
  const group = findUncommonOption(entry.key)?.group;
  if (group === undefined) return undefined;
  if (group.status === 'accepted') return 'accepted';
  const severity = group.status === 'unsafe' ? 'error' : 'warning';
  return { ...pointAtKey(entry), severity, message: `${entry.written} is not supported: ${group.reason}` };
}

function describeUnknown(
  entry: RawEntry,
  scope: Scope,
  strict: boolean,
  used: ReadonlySet<string>,
): Diagnostic | undefined {
  if (!strict && used.has(entry.key)) return undefined;
  const nearest = didYouMean(entry.key, scope);
  const suggestion = nearest === undefined ? {} : { suggestion: `did you mean "${nearest}"?` };
  if (strict) {
    return {
      ...pointAtKey(entry),
      severity: 'error',
      message: `[strict-mode] unknown config directive: ${entry.key}`,
      ...suggestion,
    };
  }
  const message = `unknown option ${JSON.stringify(entry.key)}: taken as a variable, but nothing uses it as %(${entry.key})`;
  return { ...pointAtKey(entry), severity: 'warning', message, ...suggestion };
}
