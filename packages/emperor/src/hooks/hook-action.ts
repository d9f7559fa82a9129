import { EmperorError } from '../emperor-error.ts';

/** Something that the emperor does at a moment. */
export interface HookAction {
  /** As the option has it, for the log. */
  readonly text: string;
  /** For a shell. */
  readonly command: string;
}

/** Reads `exec:COMMAND`, the one action that an emperor has. */
export function readHookAction(text: string): HookAction {
  const [, action = text, argument] = /^([a-z0-9]+):(.*)$/s.exec(text) ?? [];
  if (action === 'exec' && argument !== undefined) return { text, command: argument };
  throw new EmperorError(
    `the hook "${text}" is not known here: in the emperor a hook is "exec:COMMAND"; a vassal has more of them`,
  );
}
