import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { formatDiagnostic } from '../diagnostic.ts';
import type { Origin } from '../entry.ts';
import { findUncommonOption } from '../lazy-parts.ts';
import { type Config, loadConfig } from '../load.ts';
import { nearestName } from '../nearest-name.ts';
import { allOptions, findOption, type KnownOption, type OptionName } from '../option-table.ts';
import { describeOption } from './describe-option.ts';
import { type CommandOutcome, type CommandSurroundings, usage } from './outcome.ts';

const USAGE = [
  'explain FILE [--diff OTHER] [--set]   the options in effect, each with where it comes from',
  'explain OPTION                        what an option means',
];

/** Where a value comes from that nobody has set. */
const DEFAULT = 'default';

interface ExplainArguments {
  readonly name: string;
  readonly other: string | undefined;
  /** Leaves the defaults out. */
  readonly onlySet: boolean;
}

/**
 * `vassal explain FILE [--diff OTHER] [--set]`: the effective options after expansion, each with the line it comes from or
 * `default`; with `--diff` only what differs between two files. `vassal explain OPTION` explains one option.
 */
export function explainCommand(args: readonly string[], surroundings: CommandSurroundings): CommandOutcome {
  const parsed = parseArguments(args);
  if (typeof parsed === 'string') return usage(parsed, USAGE);
  const option = parsed.name.replace(/^--/, '');
  if (parsed.other === undefined && isOption(option)) return { text: `${describeOption(option)}\n`, exitCode: 0 };
  if (parsed.other === undefined && isNoFile(parsed.name, surroundings)) return unknownOption(parsed.name);
  const first = load(parsed.name, surroundings);
  if ('exitCode' in first) return first;
  if (parsed.other === undefined) return { text: `${explain(first, parsed.onlySet).join('\n')}\n`, exitCode: 0 };
  const second = load(parsed.other, surroundings);
  if ('exitCode' in second) return second;
  const lines = difference(first, second);
  return { text: lines.length === 0 ? 'the options are the same\n' : `${lines.join('\n')}\n`, exitCode: 0 };
}

function parseArguments(args: readonly string[]): ExplainArguments | string {
  const names: string[] = [];
  let other: string | undefined;
  let onlySet = false;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--diff') {
      other = args[++index];
      if (other === undefined) return '--diff needs the name of the other file';
    } else if (argument.startsWith('--diff=')) other = argument.slice(7);
    else if (argument === '--set') onlySet = true;
    else names.push(argument);
  }
  const [name] = names;
  if (name === undefined || names.length > 1)
    return name === undefined ? 'the name of a file or option is missing' : 'too many names';
  return { name, other, onlySet };
}

function isOption(name: string): boolean {
  return findOption(name, 'emperor') !== undefined || findUncommonOption(name) !== undefined;
}

/** A word that looks like an option, and nothing else. */
function isNoFile(name: string, { workingDirectory }: CommandSurroundings): boolean {
  return /^(?:--)?[a-z][\w-]*$/i.test(name) && !existsSync(resolve(workingDirectory, name));
}

function unknownOption(name: string): CommandOutcome {
  const option = name.replace(/^--/, '');
  const nearest = nearestName(
    option,
    [...allOptions()].map((known) => known.name),
  );
  const suggestion = nearest === undefined ? 'search them with: vassal --help WORD' : `did you mean "${nearest}"?`;
  return { text: `there is no option "${option}", and no such file; ${suggestion}\n`, exitCode: 1 };
}

function load(file: string, { environment, workingDirectory }: CommandSurroundings): Config | CommandOutcome {
  const { config, diagnostics } = loadConfig({ argv: [file], environment, workingDirectory, scope: 'vassal' });
  return config ?? { text: `${diagnostics.map(formatDiagnostic).join('\n')}\n`, exitCode: 1 };
}

/** What is said of one option. */
interface Line {
  readonly text: string;
  readonly note: string;
}

/** Lines `name = value   # origin`, those that are set first. */
function explain(config: Config, onlySet: boolean): string[] {
  const last = new Map(config.entries.map(({ key }, index) => [key, index]));
  const set = config.entries.map(({ key, value, origin }, index) => {
    const overridden = isSingle(key) && last.get(key) !== index ? ', overridden below' : '';
    return { text: `${key} = ${value}`, note: placeOf(origin) + overridden + noteOf(key) };
  });
  const defaults = [...allOptions()]
    .filter((option) => hasDefault(config, option))
    .map((option) => describeDefault(config, option));
  const lines = onlySet ? set : [...set, ...defaults];
  const width = Math.min(60, Math.max(0, ...lines.map(({ text }) => text.length)));
  return lines.map(({ text, note }) => `${text.padEnd(width)}  ; ${note}`);
}

function describeDefault(config: Config, { name, declaration: { standIn } }: KnownOption): Line {
  const value = config.options[name];
  if (value !== 0 || standIn === undefined)
    return { text: `${name} = ${String(value)}`, note: impliedBy(config, name) };
  const other = Object.hasOwn(config.options, standIn) ? config.options[standIn as OptionName] : undefined;
  return { text: `${name} = ${String(other ?? standIn)}`, note: `${DEFAULT}, that of ${standIn}` };
}

function isSingle(key: string): boolean {
  const kind = findOption(key, 'vassal')?.declaration.kind;
  return kind !== undefined && kind !== 'list' && kind !== 'addresses';
}

/** Where the value of an option that is not set itself comes from. */
function impliedBy(config: Config, name: OptionName): string {
  if (config.options[name] !== true) return DEFAULT;
  const cause = [...allOptions()].find(
    (option) => option.declaration.implies?.includes(name) === true && config.originOf(option.name) !== undefined,
  );
  return cause === undefined
    ? DEFAULT
    : `from ${cause.name}, ${placeOf(config.originOf(cause.name) ?? { source: '', line: 0 })}`;
}

/** What has no effect here has no default either, unless another option stands for it. */
function hasDefault(config: Config, { name, declaration: { scope, accepted } }: KnownOption): boolean {
  if (config.originOf(name) !== undefined || scope !== undefined || !hasValue(config, name)) return false;
  return accepted === undefined || impliedBy(config, name) !== DEFAULT;
}

function hasValue(config: Config, name: OptionName): boolean {
  const value = config.options[name];
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function placeOf({ source, line }: Origin): string {
  return line === 0 ? source : `${source}:${line}`;
}

/** What to know about an option that is set. */
function noteOf(key: string): string {
  const known: KnownOption | undefined = findOption(key, 'vassal');
  if (known?.declaration.accepted !== undefined) return `, no effect here: ${known.declaration.accepted}`;
  if (known !== undefined) return '';
  const uncommon = findUncommonOption(key);
  return uncommon === undefined ? ', a variable' : `, not supported: ${uncommon.group.reason}`;
}

function difference(first: Config, second: Config): string[] {
  const lines: string[] = [];
  for (const { name } of allOptions()) {
    const [left, right] = [first.options[name], second.options[name]];
    if (String(left) === String(right) || FILE_OPTIONS.has(name)) continue;
    lines.push(
      `- ${name} = ${shown(name, left)}  ; ${origin(first, name)}`,
      `+ ${name} = ${shown(name, right)}  ; ${origin(second, name)}`,
    );
  }
  return lines;
}

/** They say how a configuration was read, not what it is. */
const FILE_OPTIONS: ReadonlySet<string> = new Set(['ini', 'yaml', 'json', 'xml', 'include', 'inherit', 'config']);

function shown(name: OptionName, value: Config['options'][OptionName]): string {
  if (value === undefined) return '(none)';
  if (findOption(name, 'emperor')?.declaration.kind === 'mode') return value.toString(8);
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function origin(config: Config, name: OptionName): string {
  const place = config.originOf(name);
  return place === undefined ? impliedBy(config, name) : placeOf(place);
}
