import { AdminClient, commandSocketIn, runtimeDirectoryPath } from '@emperor/emperor';

import { type CommandSurroundings, MisuseError } from './command.ts';

/** Options that a command understands beside `--runtime-dir DIR`: a flag, or one that takes a value. */
export type OptionForms = Readonly<Record<string, 'flag' | 'value'>>;

/** The words after a command, read. */
export interface Words {
  readonly names: readonly string[];
  /** A value, or '' for a flag that is given. */
  readonly options: ReadonlyMap<string, string>;
}

const COMMON: OptionForms = { '--runtime-dir': 'value' };

/** @throws MisuseError naming the options there are */
export function readWords(words: readonly string[], forms: OptionForms): Words {
  const known: OptionForms = { ...forms, ...COMMON };
  const names: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-') || word === '-') {
      names.push(word);
      continue;
    }
    const [name, given] = splitOption(word);
    const form = known[name];
    if (form === undefined || (form === 'flag' && given !== undefined)) throw unknown(word, known);
    const value = form === 'flag' ? '' : (given ?? words[(index += 1)]);
    if (value === undefined) throw new MisuseError(`${name} needs a value`);
    options.set(name, value);
  }
  return { names, options };
}

function splitOption(word: string): [string, string?] {
  const mark = word.indexOf('=');
  return mark < 0 ? [word] : [word.slice(0, mark), word.slice(mark + 1)];
}

function unknown(word: string, known: OptionForms): MisuseError {
  const forms = Object.entries(known).map(([name, form]) => (form === 'flag' ? name : `${name} VALUE`));
  return new MisuseError(`there is no option "${word}" here: there are ${forms.join(', ')}`);
}

/** The value of an option that is a number of something; `otherwise` when it is not given. @throws MisuseError */
export function numberOption({ options }: Words, name: string, otherwise: number): number {
  const text = options.get(name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new MisuseError(`${name} takes a number, not "${text}"`);
  }
  return value;
}

/** Speaks with the emperor that is meant. */
export function clientFor({ options }: Words, { environment }: CommandSurroundings): AdminClient {
  const directory = runtimeDirectoryPath(options.get('--runtime-dir'), environment, process.getuid?.() ?? 0);
  return new AdminClient(commandSocketIn(directory));
}
