import path from 'node:path';
import { ConfigError } from './config-error.ts';
import { expandDeclaredOption, parseDeclaration, type DeclaredOption } from './declared-option.ts';
import type { Diagnostic } from './diagnostic.ts';
import { LIMITS, ReadingEnded } from './limits.ts';
import { LogicBlocks, type BlockSink } from './logic-blocks.ts';
import { findOption, type Scope } from './option-table.ts';
import { type RawEntry, withValue } from './raw-entry.ts';
import {
  type ConfigurationFile,
  type ConfigurationFormat,
  type OpenConfiguration,
  readConfiguration,
} from './read-configuration.ts';

/** The surroundings a configuration is read in. */
export interface ReadingContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly scope: Scope;
  readonly isReload: boolean;
}

/** Options that insert a file, and what it is taken for. */
const FILE_OPTIONS: ReadonlyMap<string, ConfigurationFormat | 'by extension'> = new Map([
  ['ini', 'ini'],
  ['ini-paste', 'ini'],
  ['ini-paste-logged', 'ini'],
  ['yaml', 'yaml'],
  ['json', 'json'],
  ['xml', 'xml'],
  ['config', 'by extension'],
  ['include', 'by extension'],
  ['inherit', 'by extension'],
]);

/**
 * Turns lines into the ordered entries of an instance: inserts files, applies logic, sets variables, expands options
 * that the configuration itself declares. Everything wrong is collected, nothing is thrown.
 */
export class Reading implements BlockSink {
  readonly entries: RawEntry[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly files: Set<string> = new Set<string>();
  readonly notices: string[] = [];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isReload: boolean;
  /** Set by the `exit` option. */
  exitCode: number | undefined;

  readonly #context: ReadingContext;
  readonly #blocks: LogicBlocks;
  readonly #now = new Date();
  readonly #firstValues = new Map<string, string>();
  readonly #declared = new Map<string, DeclaredOption>();
  readonly #inherited: RawEntry[] = [];
  readonly #openFiles: OpenConfiguration[] = [];
  readonly #reported = { error: new Set<string>(), warning: new Set<string>() } as const;
  #fileCount = 0;
  #lineCount = 0;
  #textLength = 0;
  #hasEnded = false;

  constructor(context: ReadingContext) {
    this.#context = context;
    this.environment = context.environment;
    this.isReload = context.isReload;
    this.#blocks = new LogicBlocks(this);
  }

  /** Reads entries in order, to the end or until an `exit` or a limit. */
  read(entries: Iterable<RawEntry>): void {
    this.#untilEnded(() => {
      for (const entry of entries) this.#blocks.add(entry);
    });
  }

  /** Closes the reading: blocks left open, and the templates of `inherit`, which come after everything else. */
  finish(): void {
    this.#untilEnded(() => {
      for (const entry of this.#inherited) this.#insertFile(entry, 'by extension');
      this.#blocks.finish();
    });
  }

  take(entry: RawEntry, depth = 0): void {
    const declared = this.#declared.get(entry.key);
    if (declared !== undefined) {
      if (depth > LIMITS.depth) this.#end(entry, `declared options inside each other, more than ${LIMITS.depth} deep`);
      this.#takeDeclared(declared, entry, depth);
      return;
    }
    if (entry.isBare === true) {
      this.#act(entry.key, entry);
      return;
    }
    const name = findOption(entry.key, this.#context.scope)?.name ?? entry.key;
    const canonical = name === entry.key ? entry : { ...entry, key: name };
    if (this.entries.length >= LIMITS.entries)
      this.#end(entry, `more than ${LIMITS.entries} options: the rest is not read`);
    this.#textLength += entry.value.length;
    if (this.#textLength > LIMITS.totalLength)
      this.#end(entry, `more than ${LIMITS.totalLength} characters in all values: the rest is not read`);
    this.entries.push(canonical);
    this.#remember(entry.written, entry.value);
    this.#remember(name, entry.value);
    this.#act(name, canonical);
  }

  #takeDeclared(declared: DeclaredOption, entry: RawEntry, depth: number): void {
    try {
      for (const part of expandDeclaredOption(declared, entry)) this.take(part, depth + 1);
    } catch (error) {
      if (error instanceof ReadingEnded) throw error;
      this.fail(entry, error);
    }
  }

  countLine(entry: RawEntry): void {
    this.#lineCount += 1;
    if (this.#lineCount > LIMITS.lines)
      this.#end(entry, `more than ${LIMITS.lines} lines, repetitions counted: the rest is not read`);
  }

  fail(entry: RawEntry, error: unknown): void {
    if (!(error instanceof ConfigError)) throw error;
    this.report({ ...pointAtValue(entry), severity: 'error', message: error.message, ...suggest(error.suggestion) });
  }

  warn(entry: RawEntry, message: string): void {
    this.report({ ...pointAtKey(entry), severity: 'warning', message });
  }

  /** Keeps a problem: once, however often a loop comes by, and not without end. */
  report(diagnostic: Diagnostic): void {
    const { severity, origin, column, message } = diagnostic;
    const key = `${origin?.source}:${origin?.line}:${column}:${message}`;
    const reported = this.#reported[severity];
    if (reported.size > LIMITS.diagnostics || reported.has(key)) return;
    reported.add(key);
    const isTooMuch = reported.size > LIMITS.diagnostics;
    this.diagnostics.push(
      isTooMuch
        ? { severity, message: `more than ${LIMITS.diagnostics} ${severity}s: the rest is not shown` }
        : diagnostic,
    );
  }

  resolvePath(file: string): string {
    return path.resolve(this.#context.workingDirectory, file);
  }

  valueSoFar(key: string): string | undefined {
    return this.#firstValues.get(key);
  }

  #remember(key: string, value: string): void {
    if (!this.#firstValues.has(key)) this.#firstValues.set(key, value);
  }

  /** What an option does while it is read. */
  #act(name: string, entry: RawEntry): void {
    const format = FILE_OPTIONS.get(name);
    if (name === 'inherit') this.#inherited.push(entry);
    else if (format !== undefined) this.#insertFile(entry, format);
    else if (name === 'set' || name === 'set-placeholder') this.#set(entry);
    else if (name === 'declare-option' || name === 'declare-option2') this.#declare(entry);
    else if (name === 'iprint') this.notices.push(entry.value);
    else if (name === 'exit') this.#exit(entry);
  }

  #insertFile(entry: RawEntry, format: ConfigurationFormat | 'by extension'): void {
    this.#fileCount += 1;
    if (this.#fileCount > LIMITS.files)
      this.#end(entry, `more than ${LIMITS.files} files, repetitions counted: the rest is not read`);
    if (this.#openFiles.length >= LIMITS.depth)
      this.#end(entry, `files inside files, more than ${LIMITS.depth} deep: the rest is not read`);
    try {
      const file = readConfiguration({
        name: entry.value,
        format,
        current: this.#openFiles.at(-1),
        outermost: this.#openFiles[0]?.context,
        workingDirectory: this.#context.workingDirectory,
        now: this.#now,
      });
      this.#addFile(entry, file);
    } catch (error) {
      if (error instanceof ReadingEnded) throw error;
      this.fail(entry, error);
    }
  }

  #addFile(entry: RawEntry, file: ConfigurationFile): void {
    const { context } = file;
    const cycle = this.#openFiles.findIndex(
      (open) => open.context.absolute === context.absolute && open.context.section === context.section,
    );
    if (cycle !== -1 && context.absolute !== '') {
      const chain = [...this.#openFiles.slice(cycle).map((open) => open.context.given), context.given].join(' -> ');
      throw new ConfigError(`the file includes itself: ${chain}`);
    }
    if (context.absolute !== '') this.files.add(context.absolute);
    this.notices.push(file.notice);
    for (const problem of file.problems) this.report(problem);
    if (file.missingSection !== undefined)
      this.report({ ...pointAtValue(entry), severity: 'warning', ...file.missingSection });
    this.#openFiles.push(file);
    try {
      for (const line of file.entries) this.#blocks.add(line);
    } finally {
      this.#openFiles.pop();
    }
  }

  /** `set = NAME=VALUE` */
  #set(entry: RawEntry): void {
    const equals = entry.value.indexOf('=');
    if (equals === -1) {
      this.fail(
        entry,
        new ConfigError(`invalid placeholder/--set value: expected NAME=VALUE, found ${JSON.stringify(entry.value)}`),
      );
      return;
    }
    const key = entry.value.slice(0, equals).trim();
    this.take({
      ...withValue(entry, entry.value.slice(equals + 1)),
      key,
      written: key,
      isVariable: findOption(key, this.#context.scope) === undefined,
    });
  }

  #declare(entry: RawEntry): void {
    try {
      const declared = parseDeclaration(entry.value);
      this.#declared.set(declared.name, declared);
    } catch (error) {
      this.fail(entry, error);
    }
  }

  #exit(entry: RawEntry): void {
    this.exitCode = /^\d{1,3}$/.test(entry.value) ? Number(entry.value) : 0;
    throw new ReadingEnded();
  }

  #end(entry: RawEntry, message: string): never {
    this.report({ ...pointAtKey(entry), severity: 'error', message });
    throw new ReadingEnded();
  }

  #untilEnded(action: () => void): void {
    if (this.#hasEnded) return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof ReadingEnded)) throw error;
      this.#hasEnded = true;
    }
  }
}

/** Where in its line an entry's name stands. */
export function pointAtKey(entry: RawEntry): Pick<Diagnostic, 'origin' | 'column' | 'sourceLine'> {
  return { origin: entry.origin, sourceLine: entry.line, ...(entry.keyColumn > 0 ? { column: entry.keyColumn } : {}) };
}

/** Where in its line an entry's value stands. */
export function pointAtValue(entry: RawEntry): Pick<Diagnostic, 'origin' | 'column' | 'sourceLine'> {
  const column = entry.valueColumn || entry.keyColumn;
  return { origin: entry.origin, sourceLine: entry.line, ...(column > 0 ? { column } : {}) };
}

function suggest(suggestion: string | undefined): Pick<Diagnostic, 'suggestion'> {
  return suggestion === undefined ? {} : { suggestion };
}
