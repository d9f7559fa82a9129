import type { CommandOutcome, CommandSurroundings } from '@emperor/config/commands';

/** What is not the run of an instance: questions about options and files. `undefined` for everything else. */
export async function answer(
  argv: readonly string[],
  surroundings: CommandSurroundings,
): Promise<CommandOutcome | undefined> {
  const [command, ...args] = argv;
  if (command === 'jobs') return (await import('./jobs/jobs-command.ts')).jobsCommand(args, surroundings);
  const asks = command === 'check' || command === 'explain' || argv.some((word) => QUESTION.test(word));
  if (!asks) return undefined;
  // Help texts and the long tail of options are loaded only by those who ask.
  const { answerCommandLine, checkCommand, explainCommand } = await import('@emperor/config/commands');
  if (command === 'check') return checkCommand(args, surroundings);
  if (command === 'explain') return explainCommand(args, surroundings);
  return answerCommandLine(argv, 'vassal');
}

const QUESTION = /^(?:--help|--usage|-h|--version)(?:=|$)/;
