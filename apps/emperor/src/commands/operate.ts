import type { Outcome, Verb } from '@emperor/emperor';

import { type Command, type CommandSurroundings, MisuseError } from './command.ts';
import { findVassal } from './find-vassal.ts';
import { json } from './json.ts';
import { stateOf, withProgress } from './progress.ts';
import { clientFor, readWords, type Words } from './words.ts';

/** The end of a traceback, or a complaint with its place and a suggestion. */
const LINES_SHOWN = 12;

const HELP: Readonly<Record<Verb, string>> = {
  reload: 'have them read their files again, losing no request',
  restart: 'stop and start them',
  stop: 'stop them until somebody starts them',
  start: 'start them, now',
};

/** `emperor reload NAME…` and its kin: each waits for what comes of it. */
export function operate(verb: Verb): Command {
  return {
    name: verb,
    form: 'NAME... [--json]',
    help: HELP[verb],
    namesVassals: true,
    async run(args, surroundings) {
      const words = readWords(args, { '--json': 'flag' });
      if (words.names.length === 0) throw new MisuseError(`name the vassal to ${verb}, as in: emperor ${verb} project`);
      const client = clientFor(words, surroundings);
      const { vassals } = await client.status();
      const names = words.names.map((wanted) => findVassal(wanted, vassals).name);
      const outcomes = Promise.all(names.map((name) => client.perform(verb, name)));
      return tellOutcomes(await withProgress(surroundings, stateOf(client, names), outcomes), words, surroundings);
    },
  };
}

/** Prints what became of it. @returns the exit status */
export function tellOutcomes(
  outcomes: readonly Outcome[],
  { options }: Words,
  { output }: CommandSurroundings,
): number {
  const text = options.has('--json') ? json : outcomeText;
  for (const outcome of outcomes) output.write(text(outcome));
  return outcomes.every(({ isDone }) => isDone) ? 0 : 1;
}

/** What became of it, and when it did not work, the end of what the vassal wrote. */
function outcomeText({ sentence, lines }: Outcome): string {
  const shown = lines.slice(-LINES_SHOWN).map((line) => `  | ${line}`);
  if (shown.length < lines.length) shown.unshift(`  | … ${lines.length - shown.length} lines before`);
  return [sentence, ...shown, ''].join('\n');
}
