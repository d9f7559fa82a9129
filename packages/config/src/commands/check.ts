import { globSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Diagnostic, formatDiagnostic } from '../diagnostic.ts';
import { loadConfig, type LoadResult } from '../load.ts';
import { parseAddress } from '../address.ts';
import { type CommandOutcome, type CommandSurroundings, usage } from './outcome.ts';
import { count, describePlan, type Plan, planOf } from './plan.ts';

/** A configuration and what was found in it. */
interface CheckedFile {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly plan: Plan | undefined;
}

interface CheckArguments {
  readonly names: readonly string[];
  readonly json: boolean;
  /** Warnings alone do not make the check fail. */
  readonly lenient: boolean;
}

const USAGE = ['check FILE… [--format json] [--lenient]'];

/**
 * `vassal check FILE… [--format json] [--lenient]`: all problems of configurations, and what they would spawn and bind.
 * Exit status 1 with any problem (with `--lenient`: with any error), 2 when the command itself is not understood.
 */
export function checkCommand(args: readonly string[], surroundings: CommandSurroundings): CommandOutcome {
  const parsed = parseArguments(args);
  if (typeof parsed === 'string') return usage(parsed, USAGE);
  return outcome(
    parsed.names.map((name) => checkFile(name, surroundings)),
    parsed,
  );
}

/**
 * `emperor check GLOB… [--format json] [--lenient]`: the same for every file that patterns match or directories hold,
 * and for conflicts between them.
 */
export function checkVassalsCommand(args: readonly string[], surroundings: CommandSurroundings): CommandOutcome {
  const parsed = parseArguments(args);
  if (typeof parsed === 'string') return usage(parsed, ['check GLOB… [--format json] [--lenient]']);
  const files = parsed.names.flatMap((pattern) => filesOf(pattern, surroundings.workingDirectory));
  if (files.length === 0) return { text: `no file matches ${parsed.names.join(', ')}\n`, exitCode: 1 };
  const checked = [...new Set(files)].map((file) => checkFile(file, surroundings));
  return outcome(withConflicts(checked), parsed);
}

function parseArguments(args: readonly string[]): CheckArguments | string {
  const names: string[] = [];
  let format = 'text';
  let lenient = false;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--format') format = args[++index] ?? '';
    else if (argument.startsWith('--format=')) format = argument.slice(9);
    else if (argument === '--lenient') lenient = true;
    else if (argument.startsWith('-') && argument.length > 1) return `unknown option ${argument}`;
    else names.push(argument);
  }
  if (format !== 'text' && format !== 'json') return `unknown format ${JSON.stringify(format)}: expected text or json`;
  return names.length === 0 ? 'the name of a file is missing' : { names, json: format === 'json', lenient };
}

function checkFile(file: string, { environment, workingDirectory }: CommandSurroundings): CheckedFile {
  const { config, diagnostics }: LoadResult = loadConfig({
    argv: file === '-' ? ['--ini', '-'] : [file],
    environment,
    workingDirectory,
    scope: 'vassal',
  });
  return { file, diagnostics, plan: config === undefined ? undefined : planOf(config) };
}

const EXTENSIONS = /\.(?:ini|ya?ml|json|js|xml)$/;

function filesOf(pattern: string, workingDirectory: string): string[] {
  const inDirectory = isDirectory(path.resolve(workingDirectory, pattern)) ? path.join(pattern, '*') : pattern;
  return globSync(inDirectory, { cwd: workingDirectory })
    .filter((file) => EXTENSIONS.test(file))
    .toSorted();
}

function isDirectory(name: string): boolean {
  try {
    return statSync(name).isDirectory();
  } catch {
    return false;
  }
}

/** Adds an error to every file that binds what an earlier one binds. */
function withConflicts(files: readonly CheckedFile[]): CheckedFile[] {
  const owners = new Map<string, string>();
  return files.map((checked) => {
    const conflicts: Diagnostic[] = [];
    for (const { option, address, origin } of checked.plan?.listeners ?? []) {
      const key = bindKey(option, address);
      const owner = key === undefined ? undefined : owners.get(key);
      if (owner !== undefined)
        conflicts.push({ severity: 'error', message: `${origin}: ${option} ${address} is already bound by ${owner}` });
      if (key !== undefined) owners.set(key, `${checked.file} (${origin})`);
    }
    return { ...checked, diagnostics: [...checked.diagnostics, ...conflicts] };
  });
}

/** Addresses with one key cannot be bound twice. Relative paths count from the directories of their own vassals. */
function bindKey(option: string, text: string): string | undefined {
  if (text === '') return undefined;
  const address = parseAddress(text);
  const protocol = option === 'http-subscription-server' ? 'udp ' : '';
  if (address.kind === 'tcp')
    return address.port === 0
      ? undefined
      : `${protocol}${address.host === '0.0.0.0' ? '' : address.host}:${address.port}`;
  return address.kind === 'unix' && /^[/\0]/.test(address.path) ? address.path : undefined;
}

function outcome(files: readonly CheckedFile[], { json, lenient }: CheckArguments): CommandOutcome {
  const failed = files.some(({ diagnostics }) => diagnostics.some(({ severity }) => !lenient || severity === 'error'));
  const text = json ? `${JSON.stringify(files.map(toJson), undefined, 2)}\n` : `${files.map(toText).join('\n\n')}\n`;
  return { text, exitCode: failed ? 1 : 0 };
}

function toText({ file, diagnostics, plan }: CheckedFile): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const found = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''].filter(
    (part) => part !== '',
  );
  const verdict = `${file}: ${found.length === 0 ? 'ok' : found.join(', ')}`;
  const lines = plan === undefined ? [] : describePlan(plan).map((line) => `  ${line}`);
  return [...diagnostics.map(formatDiagnostic), verdict, ...lines].join('\n');
}

/** Longest piece of a source line in JSON; a line can be a megabyte. */
const SOURCE_LINE_LENGTH = 1000;

function toJson({ file, diagnostics, plan }: CheckedFile): object {
  return {
    file,
    ok: diagnostics.length === 0,
    diagnostics: diagnostics.map(({ severity, origin, column, sourceLine, message, suggestion }) => ({
      severity,
      file: origin?.source,
      line: origin?.line,
      column,
      message,
      suggestion,
      sourceLine: sourceLine?.slice(0, SOURCE_LINE_LENGTH),
    })),
    plan,
  };
}
