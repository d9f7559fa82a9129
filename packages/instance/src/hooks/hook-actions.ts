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

import { makeFifo } from '@emperor/posix';

import { StartError } from '../start-error.ts';

/** A hook asked the instance to end (`exit:`). */
export class HookExit extends StartError {}

/** What actions work with. */
export interface HookSurroundings {
  readonly log: (line: string) => void;
  /** Runs a shell command. @throws Error with a sentence when it fails, where its end is waited for */
  readonly run: (command: string) => void;
}

type Action = (argument: string, surroundings: HookSurroundings) => void;

function splitFirst(argument: string): [file: string, text: string] {
  const blank = argument.indexOf(' ');
  return blank < 0 ? [argument, ''] : [argument.slice(0, blank), argument.slice(blank + 1)];
}

/** What a hook can do (UWSGI-FACTS 2.15; the rest by uWSGI's documentation of hooks). */
const ACTIONS: Readonly<Record<string, Action>> = {
  exec: (command, { run }) => run(command),
  safeexec: (command, { run, log }) => {
    try {
      run(command);
    } catch (error) {
      log((error as Error).message);
    }
  },
  exit: (code) => {
    throw new HookExit(`a hook asked to exit`, code === '' ? 0 : Number.parseInt(code, 10));
  },
  print: (text, { log }) => log(text),
  log: (text, { log }) => log(text),
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

/** Does what `ACTION:ARGUMENT` says. @throws Error with a sentence when it fails or there is no such action */
export function performAction(text: string, surroundings: HookSurroundings): void {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const perform = ACTIONS[name];
  if (perform === undefined)
    throw new Error(`there is no hook "${name}"; there are ${Object.keys(ACTIONS).join(', ')}`);
  perform(colon < 0 ? '' : text.slice(colon + 1), surroundings);
}
