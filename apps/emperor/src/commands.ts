import { EmperorError, VERBS } from '@emperor/emperor';

import { check, explain } from './commands/questions.ts';
import { type Command, type CommandSurroundings, MISUSED, MisuseError } from './commands/command.ts';
import { completion } from './commands/completion.ts';
import { events, logs } from './commands/follow.ts';
import { operate } from './commands/operate.ts';
import { status } from './commands/status.ts';
import { top } from './commands/top.ts';
import { upgrade } from './commands/upgrade.ts';
import { wait } from './commands/wait.ts';

/** In the order of the usage. */
export const COMMANDS: readonly Command[] = [
  status,
  top,
  logs,
  events,
  ...VERBS.map(operate),
  wait,
  upgrade,
  check,
  explain,
  completion(() => COMMANDS),
];

const FAILED = 1;

/** Runs the command that the first word names. @returns its exit status; undefined when it names none */
export async function runCommand(
  argv: readonly string[],
  surroundings: CommandSurroundings,
): Promise<number | undefined> {
  const [name, ...words] = argv;
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) return undefined;
  try {
    return await command.run(words, surroundings);
  } catch (error) {
    if (!(error instanceof EmperorError)) throw error;
    process.stderr.write(`emperor: ${error.message}\n`);
    return error instanceof MisuseError ? MISUSED : FAILED;
  }
}
