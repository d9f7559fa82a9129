import type { ListKind, NumericKind, OptionDeclaration } from './option-kinds.ts';
import { CACHE } from './options/cache.ts';
import { DAEMONS } from './options/daemons.ts';
import { EMPEROR } from './options/emperor.ts';
import { HOOKS } from './options/hooks.ts';
import { HTTP_ROUTER } from './options/http-router.ts';
import { JOBS } from './options/jobs.ts';
import { LOADING } from './options/loading.ts';
import { LOGGING } from './options/logging.ts';
import { OWN } from './options/own.ts';
import { PRIVILEGES } from './options/privileges.ts';
import { PYTHON } from './options/python.ts';
import { RELOADING } from './options/reloading.ts';
import { ROUTING } from './options/routing.ts';
import { SCALING } from './options/scaling.ts';
import { SOCKETS } from './options/sockets.ts';
import { STATIC_FILES } from './options/static-files.ts';
import { STATISTICS } from './options/statistics.ts';
import { SUBSCRIPTIONS } from './options/subscriptions.ts';
import { WORKERS } from './options/workers.ts';

type Declarations = typeof CACHE &
  typeof DAEMONS &
  typeof EMPEROR &
  typeof HOOKS &
  typeof HTTP_ROUTER &
  typeof JOBS &
  typeof LOADING &
  typeof LOGGING &
  typeof OWN &
  typeof PRIVILEGES &
  typeof PYTHON &
  typeof RELOADING &
  typeof ROUTING &
  typeof SCALING &
  typeof SOCKETS &
  typeof STATIC_FILES &
  typeof STATISTICS &
  typeof SUBSCRIPTIONS &
  typeof WORKERS;

/** Name of an option that has a meaning here: uWSGI's long name. */
export type OptionName = keyof Declarations;

type ValueOf<D> = D extends { kind: 'flag' }
  ? boolean
  : D extends { kind: NumericKind }
    ? number
    : D extends { kind: ListKind }
      ? readonly string[]
      : D extends { kind: 'mode' }
        ? number | undefined
        : D extends { default: string }
          ? string
          : string | undefined;

/** The typed options of an instance, defaults filled in. Numbers without a default are 0. */
export type Options = { readonly [Name in OptionName]: ValueOf<Declarations[Name]> };

/** The groups in the order of `--help`, each with its title. */
export const OPTION_GROUPS: readonly (readonly [
  title: string,
  options: Readonly<Record<string, OptionDeclaration>>,
])[] = [
  ['Sockets', SOCKETS],
  ['HTTP router', HTTP_ROUTER],
  ['Python', PYTHON],
  ['Workers', WORKERS],
  ['Scaling', SCALING],
  ['Reloading and stopping', RELOADING],
  ['Static files', STATIC_FILES],
  ['Routing and headers', ROUTING],
  ['Logging', LOGGING],
  ['Statistics', STATISTICS],
  ['Cache', CACHE],
  ['Jobs, timers and mules', JOBS],
  ['External daemons', DAEMONS],
  ['Subscriptions', SUBSCRIPTIONS],
  ['Emperor', EMPEROR],
  ['Privileges', PRIVILEGES],
  ['Hooks', HOOKS],
  ['Configuration', LOADING],
  ['Ours', OWN],
];

/** A declared option and the long name it goes by. */
export interface KnownOption {
  readonly name: OptionName;
  readonly declaration: OptionDeclaration;
}

const byName = new Map<string, KnownOption>();
const byLetter = new Map<string, KnownOption>();
for (const [, group] of OPTION_GROUPS) {
  for (const [name, declaration] of Object.entries(group)) {
    const known: KnownOption = { name: name as OptionName, declaration };
    byName.set(name, known);
    for (const alias of declaration.aliases ?? []) byName.set(alias, known);
    if (declaration.short !== undefined) byLetter.set(declaration.short, known);
  }
}

/** Which command reads the configuration. */
export type Scope = 'vassal' | 'emperor';

/** Finds an option by its long name or an alias. */
export function findOption(name: string, scope: Scope): KnownOption | undefined {
  const known = byName.get(name);
  return known?.declaration.scope === 'emperor' && scope !== 'emperor' ? undefined : known;
}

/** Finds an option by its letter, as in `-p`. */
export function findOptionByLetter(letter: string): KnownOption | undefined {
  return byLetter.get(letter);
}

/** Every long name and alias, in the order of the tables. */
export function optionNames(): IterableIterator<string> {
  return byName.keys();
}

/** Every option once, in the order of the tables. */
export function* allOptions(): Generator<KnownOption> {
  for (const [, group] of OPTION_GROUPS) {
    for (const [name, declaration] of Object.entries(group)) yield { name: name as OptionName, declaration };
  }
}
