import { type Diagnostic, sortDiagnostics } from './diagnostic.ts';
import type { Entry, Origin } from './entry.ts';
import { expandValues } from './expand-values.ts';
import { findOption, type OptionName, type Options, type Scope } from './option-table.ts';
import { isOn } from './option-values.ts';
import type { RawEntry } from './raw-entry.ts';
import { readArgv } from './read-argv.ts';
import { readEnvironment } from './read-environment.ts';
import { Reading } from './reading.ts';
import { resolveOptions, type Resolution } from './resolve.ts';
import { checkRules } from './rules.ts';
import { examineLines } from './suspicious-lines.ts';
import { examineUnknown } from './unknown-options.ts';

/** Where a configuration comes from. */
export interface ConfigSource {
  /** Arguments without the program: `['--module', 'app']`. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative names of files count from here. */
  readonly workingDirectory: string;
  readonly scope: Scope;
  /** What `if-reload` asks. */
  readonly isReload?: boolean;
}

/** The configuration of an instance, everything expanded and typed. */
export interface Config {
  /** Typed, defaults filled in, keyed by uWSGI's long names. */
  readonly options: Options;
  /** The entries in effect, in order; the keys of options are their long names. */
  readonly entries: readonly Entry[];
  /** Those of some options, in order across them. */
  entriesOf(...names: OptionName[]): readonly Entry[];
  /** Where an option was last set; `undefined` where it has its default. */
  originOf(name: OptionName): Origin | undefined;
  /** Custom variables; of a name that occurs more than once the first value, as in placeholders. */
  readonly variables: ReadonlyMap<string, string>;
  /** Absolute paths of all files read. */
  readonly files: readonly string[];
  /** Lines to print at the start, such as `[uWSGI] getting INI configuration from uwsgi.ini`. */
  readonly notices: readonly string[];
}

/** What came of a load. */
export interface LoadResult {
  /** `undefined` when there is an error, or an end was asked for. */
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Set when the configuration asks to exit instead of starting (`exit = 3`). */
  readonly exitCode?: number;
}

/** Reads, expands, types and checks a configuration. Never throws for what a user wrote. */
export function loadConfig(source: ConfigSource): LoadResult {
  const reading = new Reading({ ...source, isReload: source.isReload === true });
  const argv = readArgv(source.argv, source.scope);
  for (const diagnostic of argv.problems) reading.report(diagnostic);
  reading.read(readEnvironment(source.environment));
  reading.read(argv.entries);
  reading.finish();
  if (reading.exitCode !== undefined) {
    return { config: undefined, diagnostics: sortDiagnostics(reading.diagnostics), exitCode: reading.exitCode };
  }
  return complete(reading, source.scope);
}

function complete(reading: Reading, scope: Scope): LoadResult {
  const raw = reading.entries;
  const entries = expandValues(raw, reading);
  const report = (diagnostic: Diagnostic): void => reading.report(diagnostic);
  const strict = entries.some(({ key, value }) => key === 'strict' && isOn(value));
  const unknown = examineUnknown(raw, entries, scope, strict);
  for (const diagnostic of unknown.diagnostics) report(diagnostic);
  const resolution = resolveOptions(entries, scope, report);
  for (const diagnostic of [
    ...examineLines(entries, scope),
    ...checkRules({ ...resolution, environment: reading.environment }),
  ])
    report(diagnostic);
  const diagnostics = sortDiagnostics(reading.diagnostics);
  const { notices, files } = reading;
  if (diagnostics.some(({ severity }) => severity === 'error')) return { config: undefined, diagnostics };
  const prints = entries.filter(({ key }) => key === 'print').map(({ value }) => value);
  const config = new LoadedConfig(resolution, entries, unknown.variables, [...files], [...notices, ...prints], scope);
  return { config, diagnostics };
}

class LoadedConfig implements Config {
  readonly options: Options;
  readonly entries: readonly Entry[];
  readonly variables: ReadonlyMap<string, string>;
  readonly files: readonly string[];
  readonly notices: readonly string[];
  readonly #origins: ReadonlyMap<string, Origin>;

  constructor(
    resolution: Resolution,
    entries: readonly RawEntry[],
    variables: ReadonlyMap<string, string>,
    files: readonly string[],
    notices: readonly string[],
    scope: Scope,
  ) {
    this.options = resolution.options;
    // The source lines are not needed any more: keep none of them alive.
    this.entries = entries
      .filter(({ key }) => findOption(key, scope) !== undefined || variables.has(key))
      .map(({ key, value, origin }) => ({ key, value, origin }));
    this.variables = variables;
    this.files = files;
    this.notices = notices;
    this.#origins = new Map([...resolution.setBy].map(([name, { origin }]) => [name, origin]));
  }

  entriesOf(...names: OptionName[]): readonly Entry[] {
    const wanted = new Set<string>(names);
    return this.entries.filter(({ key }) => wanted.has(key));
  }

  originOf(name: OptionName): Origin | undefined {
    return this.#origins.get(name);
  }
}
