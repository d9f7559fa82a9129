import type { CommandOutcome } from '@emperor/config/commands';

import type { Command, CommandSurroundings } from './command.ts';

type Questions = typeof import('@emperor/config/commands');
type Ask = (questions: Questions, words: readonly string[], surroundings: CommandSurroundings) => CommandOutcome;

function question(name: string, form: string, help: string, ask: Ask): Command {
  return {
    name,
    form,
    help,
    namesVassals: false,
    async run(words, surroundings) {
      // Help texts and the long tail of options are loaded only by those who ask.
      const { text, exitCode } = ask(await import('@emperor/config/commands'), words, surroundings);
      surroundings.output.write(text);
      return exitCode;
    },
  };
}

export const check: Command = question(
  'check',
  'PATTERN...',
  'what is wrong with files; needs no running emperor',
  ({ checkVassalsCommand }, words, surroundings) => checkVassalsCommand(words, surroundings),
);

export const explain: Command = question(
  'explain',
  'OPTION|FILE',
  'what it does, or where each in a file came from',
  ({ explainCommand }, words, surroundings) => explainCommand(words, surroundings),
);
