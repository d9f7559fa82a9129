import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { nearestName } from '@emperor/config';
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

/** A word that is neither a command nor something to watch. @throws MisuseError */
function refuseMisspelt(word: string, { workingDirectory }: CommandSurroundings): void {
  if (!/^[a-z][a-z-]*$/.test(word) || existsSync(resolve(workingDirectory, word))) return;
  const names = COMMANDS.map(({ name }) => name);
  const nearest = nearestName(word, names);
  const suggestion = nearest === undefined ? `commands are ${names.join(', ')}` : `did you mean "emperor ${nearest}"?`;
  throw new MisuseError(`there is no command "${word}", and no directory of that name to watch; ${suggestion}`);
}

/** Runs the command that the first word names. @returns its exit status; undefined when it names none */
export async function runCommand(
  argv: readonly string[],
  surroundings: CommandSurroundings,
): Promise<number | undefined> {
  const [name, ...words] = argv;
  const command = COMMANDS.find((each) => each.name === name);
  try {
    if (command === undefined) {
      if (name !== undefined) refuseMisspelt(name, surroundings);
      return undefined;
    }
    return await command.run(words, surroundings);
  } catch (error) {
    if (!(error instanceof EmperorError)) throw error;
    process.stderr.write(`emperor: ${error.message}\n`);
    return error instanceof MisuseError ? MISUSED : FAILED;
  }
}
