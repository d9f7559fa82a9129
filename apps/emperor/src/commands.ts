import type { CommandOutcome, CommandSurroundings } from '@emperor/config/commands';

/** `emperor check GLOB` and `emperor explain OPTION`: questions that need no daemon. `undefined` for everything else. */
export async function answer(
  argv: readonly string[],
  surroundings: CommandSurroundings,
): Promise<CommandOutcome | undefined> {
  const [command, ...args] = argv;
  if (command !== 'check' && command !== 'explain') return undefined;
  const { checkVassalsCommand, explainCommand } = await import('@emperor/config/commands');
  return command === 'check' ? checkVassalsCommand(args, surroundings) : explainCommand(args, surroundings);
}
