import { FILE_ACTIONS, isFileAction, performFileAction } from '@emperor/posix';

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

/** What a hook can do besides what it does to files (UWSGI-FACTS 2.15; the rest by uWSGI's documentation of hooks). */
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
  chdir: (directory) => process.chdir(directory),
  cd: (directory) => process.chdir(directory),
};

/** Does what `ACTION:ARGUMENT` says. @throws Error with a sentence when it fails or there is no such action */
export function performAction(text: string, surroundings: HookSurroundings): void {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const argument = colon < 0 ? '' : text.slice(colon + 1);
  if (isFileAction(name)) return performFileAction(name, argument);
  const perform = ACTIONS[name];
  if (perform === undefined) {
    throw new Error(`there is no hook "${name}"; there are ${[...Object.keys(ACTIONS), ...FILE_ACTIONS].join(', ')}`);
  }
  perform(argument, surroundings);
}
