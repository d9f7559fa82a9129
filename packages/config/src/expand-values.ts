import { boundedReplace } from './bounded-replace.ts';
import { ConfigError } from './config-error.ts';
import { LIMITS } from './limits.ts';
import { expandPlaceholders } from './placeholders.ts';
import { type RawEntry, withValue } from './raw-entry.ts';
import { readSource } from './source-file.ts';

/** What values are expanded with. */
export interface ExpansionContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  resolvePath(path: string): string;
  fail(entry: RawEntry, error: unknown): void;
  warn(entry: RawEntry, message: string): void;
}

/**
 * Expands what is left in the values once everything is read, in uWSGI's order: `$(NAME)` from the environment, `@(file)`,
 * then `%(name)`, which may be defined later and may itself contain placeholders.
 *
 * A name that occurs more than once stands for its first value.
 */
export function expandValues(entries: readonly RawEntry[], context: ExpansionContext): RawEntry[] {
  return new Expansion(entries, context).expand();
}

class Expansion {
  readonly #entries: readonly RawEntry[];
  readonly #context: ExpansionContext;
  readonly #definitions = new Map<string, RawEntry>();
  readonly #expanded = new Map<RawEntry, string>();
  /** Entries whose placeholders are being expanded, to notice a definition that leads to itself. */
  readonly #active = new Set<RawEntry>();
  #totalLength = 0;
  /** Nothing more is expanded: what is there is too much already. */
  #exhausted = false;

  constructor(entries: readonly RawEntry[], context: ExpansionContext) {
    this.#context = context;
    this.#entries = entries.map((entry) => this.#expandOutside(entry));
    for (const entry of this.#entries) {
      for (const name of [entry.written, entry.key])
        if (!this.#definitions.has(name)) this.#definitions.set(name, entry);
    }
  }

  expand(): RawEntry[] {
    return this.#entries.map((entry) => {
      const value = this.#valueOf(entry);
      return value === entry.value ? entry : withValue(entry, value);
    });
  }

  /** What comes from outside of the configuration: environment and files. */
  #expandOutside(entry: RawEntry): RawEntry {
    const { value } = entry;
    if (this.#exhausted || (!value.includes('$(') && !value.includes('@('))) return entry;
    try {
      return withValue(entry, this.#bounded(this.#expandFiles(this.#expandEnvironment(value))));
    } catch (error) {
      this.#context.fail(entry, error);
      return entry;
    }
  }

  /** A variable that is not set leaves the text as it is, unless it comes with a default: `$(NAME:default)`. */
  #expandEnvironment(value: string): string {
    return boundedReplace(value, /\$\(([^()]*)\)/g, ([written, inner = '']) => {
      const plain = this.#context.environment[inner];
      if (plain !== undefined) return plain;
      const colon = inner.indexOf(':');
      if (colon === -1) return written;
      return this.#context.environment[inner.slice(0, colon)] ?? inner.slice(colon + 1);
    });
  }

  /** The content of a file, without the newline at its end. */
  #expandFiles(value: string): string {
    return boundedReplace(value, /@\(([^()]+)\)/g, ([, name = '']) =>
      readSource(name, this.#context.resolvePath(''))
        .toString()
        .replace(/\r?\n$/, ''),
    );
  }

  #valueOf(entry: RawEntry): string {
    const { value } = entry;
    if (this.#exhausted || !value.includes('%(')) return value;
    const known = this.#expanded.get(entry);
    if (known !== undefined) return known;
    if (this.#active.size >= LIMITS.placeholderDepth) {
      throw new ConfigError(`placeholders lead to placeholders, more than ${LIMITS.placeholderDepth} deep`);
    }
    this.#active.add(entry);
    const expanded = this.#attempt(entry, () =>
      this.#bounded(expandPlaceholders(value, (name) => this.#lookUp(name, entry))),
    );
    this.#active.delete(entry);
    this.#expanded.set(entry, expanded);
    return expanded;
  }

  #lookUp(name: string, user: RawEntry): string | undefined {
    const definition = this.#definitions.get(name);
    if (definition === undefined) return undefined;
    if (!this.#active.has(definition)) return this.#valueOf(definition);
    this.#context.warn(user, `%(${name}) leads back to itself and is left as written`);
    return undefined;
  }

  #attempt(entry: RawEntry, action: () => string): string {
    try {
      return action();
    } catch (error) {
      this.#context.fail(entry, error);
      return entry.value;
    }
  }

  /** Keeps many long values from filling the memory. */
  #bounded(value: string): string {
    this.#totalLength += value.length;
    if (this.#totalLength > LIMITS.totalLength) {
      this.#exhausted = true;
      throw new ConfigError(`all values together have more than ${LIMITS.totalLength} characters after expansion`);
    }
    return value;
  }
}
