import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { Config, Entry, OptionName, Options } from '@emperor/config';

import { StartError } from '../start-error.ts';

/**
 * `chroot`: the processes of the app see a directory as the whole file system. This process stays outside, where its own program,
 * the interpreter, logs and certificates are; so what the configuration names by a path in the jail has another name here.
 */
const NAMED_IN_JAIL: Readonly<Partial<Record<OptionName, (jail: string, value: string) => string>>> = {
  chdir: join,
  'check-static': ifAbsolute,
  'static-safe': ifAbsolute,
  'static-map': afterMountpoint,
  'static-map2': afterMountpoint,
  socket: ifAbsolute,
  'uwsgi-socket': ifAbsolute,
  http: ifAbsolute,
  'http-socket': ifAbsolute,
  'http11-socket': ifAbsolute,
};

/** What would run outside of the jail; in uWSGI it does not. */
const STAYS_OUTSIDE: readonly OptionName[] = [
  'attach-daemon',
  'attach-daemon2',
  'attach-control-daemon',
  'smart-attach-daemon',
  'smart-attach-daemon2',
  'cron',
  'cron2',
  'unique-cron',
  'worker-exec',
];

function ifAbsolute(jail: string, value: string): string {
  return value.startsWith('/') ? join(jail, value) : value;
}

function afterMountpoint(jail: string, value: string): string {
  const [mountpoint = '', ...target] = value.split('=');
  return `${mountpoint}=${ifAbsolute(jail, target.join('='))}`;
}

/** @throws StartError when there can be no such jail, or something that should be in it could not be */
export function checkJail(config: Config): void {
  const { chroot } = config.options;
  if (chroot === undefined) return;
  if (process.getuid?.() !== 0)
    throw new StartError(
      `chroot = ${chroot}: only root can, and this is user ${process.getuid?.()}${afterRoot(config)}`,
    );
  if (statSync(chroot, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new StartError(`chroot(): there is no directory "${chroot}"`);
  const [outsider] = config.entriesOf(...STAYS_OUTSIDE);
  if (outsider !== undefined)
    throw new StartError(
      `chroot = ${chroot}: only the app is put there, ${outsider.key} = ${outsider.value} would run outside; let the service manager run it`,
    );
}

/** What to do where root has been given up at the start, and a reload needs it again. */
function afterRoot({ options }: Config): string {
  if (options.uid === undefined && options.gid === undefined) return '';
  return '; a reload can if this process stays root: set master-as-root = true, then only the workers give it up';
}

/** The configuration with the names that its files have for this process. */
export function namedFromOutside(config: Config): Config {
  const { chroot } = config.options;
  if (chroot === undefined) return config;
  const rename = (name: string, value: string): string => NAMED_IN_JAIL[name as OptionName]?.(chroot, value) ?? value;
  const entries: Entry[] = config.entries.map((entry) => ({ ...entry, value: rename(entry.key, entry.value) }));
  const options = Object.fromEntries(
    Object.entries(config.options).map(([name, value]: [string, unknown]) => {
      if (Array.isArray(value))
        return [name, value.map((item: unknown) => (typeof item === 'string' ? rename(name, item) : item))];
      return [name, typeof value === 'string' ? rename(name, value) : value];
    }),
  ) as unknown as Options;
  return {
    options,
    entries,
    entriesOf: (...names) => entries.filter(({ key }) => names.includes(key as OptionName)),
    originOf: (name) => config.originOf(name),
    variables: config.variables,
    files: config.files,
    notices: config.notices,
  };
}
