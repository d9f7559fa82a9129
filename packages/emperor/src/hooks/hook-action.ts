import { FILE_ACTIONS, isFileAction, performFileAction, type FileActionName } from '@emperor/posix';

import { EmperorError } from '../emperor-error.ts';

/** Something that the emperor does at a moment. */
export interface HookAction {
  /** As the option has it, for the log. */
  readonly text: string;
  readonly name: HookActionName;
  readonly argument: string;
}

/** `exec`: run a command with a shell; `safeexec`: the same, and no failure counts; `print`, `log`: say something. */
const OTHER_ACTIONS = ['exec', 'safeexec', 'print', 'log'] as const;
type HookActionName = (typeof OTHER_ACTIONS)[number] | FileActionName;

/** What a hook needs of the emperor. */
export interface HookMeans {
  /** Runs a command with a shell. Returns its exit status. */
  readonly run: (command: string) => Promise<number>;
  readonly print: (line: string) => void;
}

/** How a hook ended. */
export interface HookEnd {
  /** Exit status of its command; 1 when it could do something else not. */
  readonly code: number;
  /** Why it could not. */
  readonly problem?: string;
}

/** Reads `ACTION:ARGUMENT`. @throws EmperorError that names what there is */
export function readHookAction(text: string): HookAction {
  const [, name = '', argument = ''] = /^([a-z0-9_]+):(.*)$/s.exec(text) ?? [];
  if (isFileAction(name) || isOther(name)) return { text, name, argument };
  const known = [...OTHER_ACTIONS, ...FILE_ACTIONS].join(', ');
  throw new EmperorError(
    `the hook "${text}" is not known here: an emperor has the actions ${known}, as in "exec:COMMAND"`,
  );
}

/** Does what it says. */
export async function performHook({ name, argument }: HookAction, { run, print }: HookMeans): Promise<HookEnd> {
  switch (name) {
    case 'exec':
      return { code: await run(argument) };
    case 'safeexec':
      await run(argument);
      return { code: 0 };
    case 'print':
    case 'log':
      print(argument);
      return { code: 0 };
    default:
      return performed(name, argument);
  }
}

function performed(name: FileActionName, argument: string): HookEnd {
  try {
    performFileAction(name, argument);
    return { code: 0 };
  } catch (error) {
    return { code: 1, problem: (error as Error).message };
  }
}

function isOther(name: string): name is (typeof OTHER_ACTIONS)[number] {
  return (OTHER_ACTIONS as readonly string[]).includes(name);
}
