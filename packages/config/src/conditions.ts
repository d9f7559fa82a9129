import { statSync, type Stats } from 'node:fs';
import { hostname } from 'node:os';
import { ConfigError } from './config-error.ts';

/** What the `if-…` options ask about. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isReload: boolean;
  /** A path as uWSGI takes it: relative to the directory of the start. */
  resolvePath(path: string): string;
  /** The value an option or variable has so far, under any of its names. */
  valueSoFar(key: string): string | undefined;
}

/** Outcome of a condition: what `%(_)` stands for where it holds, or `undefined` where it does not. */
export type Verdict = { readonly item: string | undefined } | undefined;

/** Plugins that this program is as good as. */
const PLUGINS: ReadonlySet<string> = new Set([
  'python',
  'python3',
  'http',
  'corerouter',
  'logfile',
  'syslog',
  'rsyslog',
  'router_static',
  'spooler',
  'cache',
]);

type Condition = (argument: string, surroundings: Surroundings) => Verdict;

const CONDITIONS: Readonly<Record<string, Condition | undefined>> = {
  opt: (argument, around) => match(argument, (name) => around.valueSoFar(name)),
  env: (argument, around) => match(argument, (name) => around.environment[name]),
  exists: (argument, around) => holds(statOf(around.resolvePath(argument)) !== undefined, argument),
  file: (argument, around) => holds(statOf(around.resolvePath(argument))?.isFile() === true, argument),
  dir: (argument, around) => holds(statOf(around.resolvePath(argument))?.isDirectory() === true, argument),
  reload: (_argument, { isReload }) => holds(isReload, undefined),
  hostname: (argument) => holds(hostname() === argument, argument),
  'hostname-match': (argument) => holds(regularExpression(argument).test(hostname()), argument),
  plugin: (argument) => holds(PLUGINS.has(argument.replace(/^python3\d*$/, 'python3')), argument),
};

/** Names of conditions that uWSGI also takes without the dash or under a longer word. */
const SYNONYMS: Readonly<Record<string, string | undefined>> = {
  ifenv: 'if-env',
  ifexists: 'if-exists',
  ifplugin: 'if-plugin',
  ifdir: 'if-dir',
  'if-directory': 'if-dir',
};

/** Whether a key is one of the `if-…` options. */
export function isCondition(key: string): boolean {
  return split(key) !== undefined;
}

/**
 * Decides an `if-…` or `if-not-…` option.
 * @throws {ConfigError} for an argument that cannot be understood
 */
export function evaluateCondition(key: string, argument: string, surroundings: Surroundings): Verdict {
  const parts = split(key);
  if (parts === undefined) return undefined;
  const verdict = parts.condition(argument, surroundings);
  if (!parts.negated) return verdict;
  return verdict === undefined ? { item: undefined } : undefined;
}

function split(key: string): { readonly condition: Condition; readonly negated: boolean } | undefined {
  const name = SYNONYMS[key] ?? key;
  if (!name.startsWith('if-')) return undefined;
  const negated = name.startsWith('if-not-');
  const condition = CONDITIONS[name.slice(negated ? 7 : 3)];
  return condition === undefined ? undefined : { condition, negated };
}

function holds(condition: boolean, item: string | undefined): Verdict {
  return condition ? { item } : undefined;
}

/** `NAME` asks whether there is a value, `NAME=VALUE` whether it is this one. */
function match(argument: string, lookUp: (name: string) => string | undefined): Verdict {
  const equals = argument.indexOf('=');
  const value = lookUp(equals === -1 ? argument : argument.slice(0, equals));
  if (value === undefined || (equals !== -1 && value !== argument.slice(equals + 1))) return undefined;
  return { item: value };
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new ConfigError(`${JSON.stringify(text)} is not a regular expression`);
  }
}
