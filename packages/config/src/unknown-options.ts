import type { Diagnostic } from './diagnostic.ts';
import { didYouMean, findUncommonOption } from './lazy-parts.ts';
import { findOption, type Scope } from './option-table.ts';
import { namesInPlaceholders } from './placeholders.ts';
import type { UncommonGroup } from './uncommon-options.ts';
import type { RawEntry } from './raw-entry.ts';
import { pointAtKey } from './reading.ts';
import { LIMITS } from './limits.ts';
import { leftoverIn } from './suspicious-lines.ts';

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
  const names = new UnknownNames(scope, strict);
  let used: ReadonlySet<string> | undefined;
  const isUsed = (name: string): boolean => (used ??= namesUsed(raw)).has(name);
  for (const [index, entry] of expanded.entries()) {
    const known = findOption(entry.key, scope);
    const uncommon = known === undefined ? findUncommonOption(entry.key)?.group : undefined;
    if (known?.declaration.warns === true) diagnostics.push(withoutEffect(entry, known.declaration.accepted ?? ''));
    else if (uncommon !== undefined && uncommon.status !== 'accepted') diagnostics.push(unsupported(entry, uncommon));
    if (known !== undefined || uncommon !== undefined) continue;
    if (!variables.has(entry.key)) variables.set(entry.key, entry.value);
    const problem = entry.isVariable === true ? undefined : names.describe(raw[index] ?? entry, isUsed);
    if (problem !== undefined) diagnostics.push(problem);
  }
  return { variables, diagnostics };
}

function namesUsed(entries: readonly RawEntry[]): Set<string> {
  return new Set(entries.flatMap(({ value }) => (value.includes('%(') ? namesInPlaceholders(value) : [])));
}

function withoutEffect(entry: RawEntry, reason: string): Diagnostic {
  return { ...pointAtKey(entry), severity: 'warning', message: `${entry.written} has no effect here: ${reason}` };
}

function unsupported(entry: RawEntry, group: UncommonGroup): Diagnostic {
  const severity = group.status === 'unsafe' ? 'error' : 'warning';
  return { ...pointAtKey(entry), severity, message: `${entry.written} is not supported: ${group.reason}` };
}

/** Tells of names that are neither options nor variables in use. */
class UnknownNames {
  readonly #scope: Scope;
  readonly #strict: boolean;
  readonly #suggestions = new Map<string, string | undefined>();

  constructor(scope: Scope, strict: boolean) {
    this.#scope = scope;
    this.#strict = strict;
  }

  describe(entry: RawEntry, isUsed: (name: string) => boolean): Diagnostic | undefined {
    if (!this.#strict && isUsed(entry.key)) return undefined;
    const severity = this.#strict ? 'error' : 'warning';
    const leftover = leftoverIn(entry.line);
    if (leftover !== undefined) return { ...pointAtKey(entry), severity, message: leftover };
    const message = this.#strict
      ? `[strict-mode] unknown config directive: ${entry.key}`
      : `unknown option ${JSON.stringify(entry.key)}: taken as a variable, but nothing uses it as %(${entry.key})`;
    return { ...pointAtKey(entry), severity, message, ...this.#suggest(entry.key) };
  }

  #suggest(name: string): Pick<Diagnostic, 'suggestion'> {
    if (!this.#suggestions.has(name) && this.#suggestions.size < LIMITS.suggestions) {
      this.#suggestions.set(name, didYouMean(name, this.#scope));
    }
    const nearest = this.#suggestions.get(name);
    return nearest === undefined ? {} : { suggestion: `did you mean "${nearest}"?` };
  }
}
