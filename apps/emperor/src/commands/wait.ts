import { type Command, MisuseError } from './command.ts';
import { findKnownVassal } from './find-vassal.ts';
import { json } from './json.ts';
import { outcomeText } from './operate.ts';
import { clientFor, numberOption, readWords } from './words.ts';

const DEFAULT_SECONDS = 30;

export const wait: Command = {
  name: 'wait',
  form: 'NAME... [--ready SECONDS] [--json]',
  help: 'wait until they accept requests, 30 s at most unless told; 1 when they do not',
  namesVassals: true,
  async run(args, surroundings) {
    const words = readWords(args, { '--ready': 'value', '--json': 'flag' });
    if (words.names.length === 0)
      throw new MisuseError('name the vassal to wait for, as in: emperor wait project --ready 30');
    const seconds = numberOption(words, '--ready', DEFAULT_SECONDS);
    const client = clientFor(words, surroundings);
    const { vassals } = await client.status();
    // One that is yet to appear is waited for by the name its file will have.
    const names = words.names.map((wanted) => findKnownVassal(wanted, vassals)?.name ?? wanted);
    const outcomes = await Promise.all(names.map((name) => client.untilReady(name, seconds)));
    const asJson = words.options.has('--json');
    for (const outcome of outcomes) surroundings.output.write(asJson ? json(outcome) : outcomeText(outcome));
    return outcomes.every(({ isDone }) => isDone) ? 0 : 1;
  },
};
