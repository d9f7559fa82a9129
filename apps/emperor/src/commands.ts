import type { CommandOutcome, CommandSurroundings } from '@emperor/config/commands';
import { ADMIN_COMMANDS } from '@emperor/emperor';

import { adminCommand } from './admin-command.ts';

/** The first word of the command line when it is a command, answered; `undefined` for everything else. */
export async function answer(
  argv: readonly string[],
  surroundings: CommandSurroundings,
): Promise<CommandOutcome | undefined> {
  const [command, ...args] = argv;
  const asked = ADMIN_COMMANDS.find((each) => each === command);
  if (asked !== undefined) return adminCommand(asked, args, surroundings);
  if (command !== 'check' && command !== 'explain') return undefined;
  const { checkVassalsCommand, explainCommand } = await import('@emperor/config/commands');
  return command === 'check' ? checkVassalsCommand(args, surroundings) : explainCommand(args, surroundings);
}
