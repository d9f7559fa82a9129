import { type Command, MisuseError } from './command.ts';
import { findKnownVassal } from './find-vassal.ts';
import { tellOutcomes } from './operate.ts';
import { stateOf, withProgress } from './progress.ts';
import { clientFor, numberOption, readWords } from './words.ts';

const DEFAULT_SECONDS = 30;

export const wait: Command = {
  name: 'wait',
  form: 'NAME... [--ready SECONDS] [--json]',
  help: 'wait until they accept requests (30 s at most)',
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
    const outcomes = Promise.all(names.map((name) => client.untilReady(name, seconds)));
    return tellOutcomes(await withProgress(surroundings, stateOf(client, names), outcomes), words, surroundings);
  },
};
