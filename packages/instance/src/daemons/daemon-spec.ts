import { constants } from 'node:os';
import { basename, resolve } from 'node:path';

import type { Config, Entry } from '@emperor/config';

import { readKeyValues } from '../key-values.ts';
import { resolveId } from '../privileges.ts';
import { StartError } from '../start-error.ts';

/** A program that lives with the instance, as the options describe it (UWSGI-FACTS 16). */
export interface DaemonSpec {
  /** For `/bin/sh -c`. */
  readonly command: string;
  /** What its lines in the log begin with. */
  readonly name: string;
  /** A smart daemon: lives on when the instance ends, and is found again by this file. */
  readonly pidfile: string | undefined;
  /** With a pidfile: the program stays in the foreground, and the file is written here. */
  readonly staysInForeground: boolean;
  /** Its end ends the instance. */
  readonly isControl: boolean;
  /** Pause between two looks at a pidfile. */
  readonly frequencySeconds: number;
  /** Files whose touch restarts it. */
  readonly touch: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  readonly reloadSignal: NodeJS.Signals;
  /** A smart daemon gets these signals as well when the instance stops or reloads. */
  readonly isNotified: boolean;
  readonly readsStdin: boolean;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly directory: string | undefined;
  readonly maxThrottleSeconds: number;
}

/** uWSGI's default of `freq`. */
const FREQUENCY_SECONDS = 10;
/** uWSGI's default of `max_throttle`. */
const MAX_THROTTLE_SECONDS = 300;

const KEYS = {
  cmd: 'command',
  command: 'command',
  exec: 'command',
  freq: 'frequency',
  pidfile: 'pidfile',
  control: 'control',
  daemonize: 'daemonize',
  daemon: 'daemonize',
  touch: 'touch',
  stopsignal: 'stopSignal',
  stop_signal: 'stopSignal',
  reloadsignal: 'reloadSignal',
  reload_signal: 'reloadSignal',
  stdin: 'stdin',
  uid: 'uid',
  gid: 'gid',
  ns_pid: 'pidNamespace',
  chdir: 'directory',
  max_throttle: 'maxThrottle',
  notifypid: 'notify',
  legion: 'legion',
} as const;
type Key = (typeof KEYS)[keyof typeof KEYS];

const OPTIONS = [
  'attach-daemon',
  'attach-control-daemon',
  'attach-daemon2',
  'smart-attach-daemon',
  'smart-attach-daemon2',
] as const;

/** The daemons of a configuration, in its order. @throws StartError for what cannot be understood */
export function daemonSpecs(config: Config): DaemonSpec[] {
  const readsStdin = config.options['daemons-honour-stdin'];
  const specs = config.entriesOf(...OPTIONS).map(readEntry);
  return readsStdin ? specs.map((spec) => Object.assign(spec, { readsStdin })) : specs;
}

function readEntry(entry: Entry): DaemonSpec {
  switch (entry.key) {
    case 'attach-daemon2':
      return readKeys(entry, readKeyValues<Key>(entry, entry.value, KEYS));
    case 'smart-attach-daemon':
    case 'smart-attach-daemon2':
      return readSmart(entry);
    default:
      return plain(entry, entry.value, { isControl: entry.key === 'attach-control-daemon' });
  }
}

/** `PIDFILE COMMAND` */
function readSmart(entry: Entry): DaemonSpec {
  const [, pidfile = '', command = ''] = /^(\S+)\s+(.+)$/s.exec(entry.value) ?? [];
  if (command === '') throw new StartError(`${at(entry)}: expected PIDFILE COMMAND`);
  return plain(entry, command, {
    pidfile: resolve(pidfile),
    staysInForeground: entry.key === 'smart-attach-daemon2',
  });
}

function readKeys(entry: Entry, values: ReadonlyMap<Key, string>): DaemonSpec {
  for (const [key, remedy] of [
    ['pidNamespace', 'ns_pid is not supported: put "unshare --pid --fork --mount-proc" in front of the command'],
    ['legion', 'there are no legions: remove the key, and the daemon runs always'],
  ] as const) {
    if (values.has(key)) throw new StartError(`${at(entry)}: ${remedy}`);
  }
  const pidfile = values.get('pidfile');
  const directory = values.get('directory');
  const id = (kind: 'user' | 'group', text: string | undefined): number | undefined =>
    text === undefined ? undefined : resolveId(kind, text);
  const stopSignal = signal(entry, values.get('stopSignal'), 'SIGTERM');
  return plain(entry, values.get('command') ?? '', {
    pidfile: pidfile === undefined ? undefined : resolve(pidfile),
    staysInForeground: isOn(values.get('daemonize')),
    isControl: isOn(values.get('control')),
    frequencySeconds: number(entry, 'freq', values.get('frequency'), FREQUENCY_SECONDS),
    touch:
      values
        .get('touch')
        ?.split(';')
        .filter((path) => path !== '') ?? [],
    stopSignal,
    reloadSignal: signal(entry, values.get('reloadSignal'), stopSignal),
    isNotified: isOn(values.get('notify')),
    readsStdin: isOn(values.get('stdin')),
    uid: id('user', values.get('uid')),
    gid: id('group', values.get('gid')),
    directory: directory === undefined ? undefined : resolve(directory),
    maxThrottleSeconds: number(entry, 'max_throttle', values.get('maxThrottle'), MAX_THROTTLE_SECONDS),
  });
}

function plain(entry: Entry, command: string, more: Partial<DaemonSpec>): DaemonSpec {
  if (command.trim() === '') throw new StartError(`${at(entry)}: there is no command to run`);
  return {
    command,
    name: daemonName(command),
    pidfile: undefined,
    staysInForeground: false,
    isControl: false,
    frequencySeconds: FREQUENCY_SECONDS,
    touch: [],
    stopSignal: 'SIGTERM',
    reloadSignal: 'SIGTERM',
    isNotified: false,
    readsStdin: false,
    uid: undefined,
    gid: undefined,
    directory: undefined,
    maxThrottleSeconds: MAX_THROTTLE_SECONDS,
    ...more,
  };
}

/** The name of the program: the first word that is neither an assignment nor `exec` or `env`. */
function daemonName(command: string): string {
  const words = command.trim().split(/\s+/);
  const program = words.find((word) => !/^\w+=/.test(word) && word !== 'exec' && word !== 'env');
  return basename((program ?? words[0] ?? '').replaceAll(/["';]/g, ''));
}

/** In uWSGI a key that is there at all is on; `false` and `0` are what people write to switch it off. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !['0', 'false', 'no', 'off'].includes(value);
}

function number(entry: Entry, key: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new StartError(`${at(entry)}: ${key} is "${text}": expected seconds, 1 or more`);
  return Number(text);
}

/** A number or a name, with or without SIG. */
function signal(entry: Entry, text: string | undefined, otherwise: NodeJS.Signals): NodeJS.Signals {
  if (text === undefined) return otherwise;
  const wanted = text.toUpperCase();
  for (const [name, value] of Object.entries(constants.signals)) {
    if (String(value) === text || name === wanted || name === `SIG${wanted}`) return name as NodeJS.Signals;
  }
  throw new StartError(`${at(entry)}: there is no signal "${text}": expected a number or a name such as INT`);
}

function at({ key, value, origin }: Entry): string {
  const place = origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source;
  return `${place}: ${key} = ${value}`;
}
