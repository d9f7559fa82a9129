import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';

import type { Config, OptionName } from '@emperor/config';
import { makeFifo } from '@emperor/posix';

import { StartError } from './start-error.ts';

/** The moments of a start and an end at which an instance runs hooks, in their order. */
export type HookMoment =
  | 'asap'
  | 'pre-jail'
  | 'post-jail'
  | 'in-jail'
  | 'as-root'
  | 'as-user'
  | 'as-vassal'
  | 'pre-app'
  | 'post-app'
  | 'master-start'
  | 'accepting'
  | 'as-user-atexit'
  | 'emperor-stop'
  | 'emperor-reload'
  | 'emperor-lost';

/** The options of a moment: `hook-asap = exec:date`, `exec-asap = date`. */
const OPTIONS: Readonly<Record<HookMoment, readonly OptionName[]>> = {
  asap: ['hook-asap', 'exec-asap'],
  'pre-jail': ['hook-pre-jail', 'exec-pre-jail'],
  'post-jail': ['hook-post-jail', 'exec-post-jail'],
  'in-jail': ['hook-in-jail', 'exec-in-jail'],
  'as-root': ['hook-as-root', 'exec-as-root'],
  'as-user': ['hook-as-user', 'exec-as-user'],
  'as-vassal': ['hook-as-vassal', 'exec-as-vassal'],
  'pre-app': ['hook-pre-app', 'exec-pre-app'],
  'post-app': ['hook-post-app', 'exec-post-app'],
  'master-start': ['hook-master-start'],
  accepting: ['hook-accepting', 'hook-accepting-once', 'hook-accepting1', 'hook-accepting1-once'],
  'as-user-atexit': ['hook-as-user-atexit', 'exec-as-user-atexit'],
  'emperor-stop': ['hook-emperor-stop'],
  'emperor-reload': ['hook-emperor-reload'],
  'emperor-lost': ['hook-emperor-lost'],
};

/** A hook asked the instance to end (`exit:`). */
export class HookExit extends StartError {}

type Action = (argument: string, log: (line: string) => void) => void;

function splitFirst(argument: string): [file: string, text: string] {
  const blank = argument.indexOf(' ');
  return blank < 0 ? [argument, ''] : [argument.slice(0, blank), argument.slice(blank + 1)];
}

function run(command: string): void {
  const { status, signal } = spawnSync('/bin/sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  throw new Error(
    signal === null ? `it ended with status ${status}` : `it was ended by ${signal} (${constants.signals[signal]})`,
  );
}

/** What a hook can do (UWSGI-FACTS 2.15; the rest by uWSGI's documentation of hooks). */
const ACTIONS: Readonly<Record<string, Action>> = {
  exec: (command, log) => {
    log(`running "${command}"...`);
    run(command);
  },
  safeexec: (command, log) => {
    log(`running "${command}"...`);
    try {
      run(command);
    } catch (error) {
      log(`"${command}" failed: ${(error as Error).message}`);
    }
  },
  exit: (code) => {
    throw new HookExit(`a hook asked to exit`, code === '' ? 0 : Number.parseInt(code, 10));
  },
  print: (text, log) => log(text),
  log: (text, log) => log(text),
  touch: (file) => closeSync(openSync(file, 'a')),
  create: (file) => closeSync(openSync(file, 'w')),
  creat: (file) => closeSync(openSync(file, 'w')),
  write: (argument) => writeFileSync(...splitFirst(argument)),
  writen: (argument) => {
    const [file, text] = splitFirst(argument);
    writeFileSync(file, `${text}\n`);
  },
  append: (argument) => appendFileSync(...splitFirst(argument)),
  appendn: (argument) => {
    const [file, text] = splitFirst(argument);
    appendFileSync(file, `${text}\n`);
  },
  unlink: (file) => unlinkSync(file),
  mkdir: (directory) => mkdirSync(directory),
  rmdir: (directory) => rmdirSync(directory),
  mkfifo: (file) => makeFifo(file, 0o600),
  chmod: (argument) => {
    const [file, mode] = splitFirst(argument);
    chmodSync(file, Number.parseInt(mode, 8));
  },
  chdir: (directory) => process.chdir(directory),
};

/** Runs the hooks of one moment, in the order of the configuration. @throws StartError when one fails or is unknown */
export function runHooks(config: Config, moment: HookMoment, log: (line: string) => void): void {
  for (const { key, value, origin } of config.entriesOf(...OPTIONS[moment])) {
    const action = key.startsWith('exec-') ? `exec:${value}` : value;
    const colon = action.indexOf(':');
    const name = colon < 0 ? action : action.slice(0, colon);
    const place = origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source;
    const perform = ACTIONS[name];
    if (perform === undefined) {
      throw new StartError(
        `${place}: ${key} = ${value}: there is no hook "${name}"; there are ${Object.keys(ACTIONS).join(', ')}`,
      );
    }
    try {
      perform(colon < 0 ? '' : action.slice(colon + 1), log);
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw new StartError(`${place}: ${key} = ${value}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
