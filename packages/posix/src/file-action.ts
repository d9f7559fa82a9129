import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

import { makeFifo } from './fifo.ts';

/** The first word of a hook that does something to a file. `touch`, `rmdir` and `mkfifo` are ours, the rest is uWSGI's. */
export const FILE_ACTIONS = [
  'touch',
  'create',
  'creat',
  'write',
  'writen',
  'append',
  'appendn',
  'writefifo',
  'unlink',
  'mkdir',
  'rmdir',
  'mkfifo',
  'chmod',
  'chown2',
  'sticky',
] as const;
export type FileActionName = (typeof FILE_ACTIONS)[number];

const STICKY = 0o1000;

const ACTIONS: Readonly<Record<FileActionName, (argument: string) => void>> = {
  touch: (file) => closeSync(openSync(file, 'a')),
  create: (file) => closeSync(openSync(file, 'w')),
  creat: (file) => closeSync(openSync(file, 'w')),
  write: (argument) => writeFileSync(...splitFirst(argument)),
  writen: (argument) => writeFileSync(...asLine(argument)),
  append: (argument) => appendFileSync(...splitFirst(argument)),
  appendn: (argument) => appendFileSync(...asLine(argument)),
  writefifo: (argument) => {
    const [file, text] = splitFirst(argument);
    // Nobody waits for a reader.
    const pipe = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeFileSync(pipe, text);
    } finally {
      closeSync(pipe);
    }
  },
  unlink: (file) => unlinkSync(file),
  mkdir: (directory) => mkdirSync(directory),
  rmdir: (directory) => rmdirSync(directory),
  mkfifo: (file) => makeFifo(file, 0o600),
  chmod: (argument) => {
    const [file, mode] = splitFirst(argument);
    chmodSync(file, Number.parseInt(mode, 8));
  },
  chown2: (argument) => {
    const [file, owner] = splitFirst(argument);
    const [uid, gid] = splitFirst(owner);
    chownSync(file, Number.parseInt(uid, 10), Number.parseInt(gid, 10));
  },
  sticky: (directory) => chmodSync(directory, (statSync(directory).mode & 0o777) | STICKY),
};

export function isFileAction(name: string): name is FileActionName {
  return Object.hasOwn(ACTIONS, name);
}

/** Does what a hook `NAME:ARGUMENT` says to a file. @throws Error of the system */
export function performFileAction(name: FileActionName, argument: string): void {
  ACTIONS[name](argument);
}

function splitFirst(argument: string): [file: string, text: string] {
  const blank = argument.indexOf(' ');
  return blank < 0 ? [argument, ''] : [argument.slice(0, blank), argument.slice(blank + 1)];
}

function asLine(argument: string): [file: string, text: string] {
  const [file, text] = splitFirst(argument);
  return [file, `${text}\n`];
}
