import type { AdminClient, EventLine, SkippedLines } from '@emperor/emperor';

import type { Command } from './command.ts';
import { findVassal } from './find-vassal.ts';
import { clientFor, numberOption, readWords } from './words.ts';

const DEFAULT_COUNT = 50;

/** Options that send the log of a vassal elsewhere. */
const LOG_OPTIONS: ReadonlySet<string> = new Set([
  'logger',
  'req-logger',
  'logto',
  'logto2',
  'daemonize',
  'daemonize2',
]);

interface Kind {
  readonly name: string;
  readonly kind: 'output' | 'events';
  readonly help: string;
}

/** `emperor logs` and `emperor events`: the latest lines, and with -f those to come. */
function follow({ name, kind, help }: Kind): Command {
  return {
    name,
    form: '[NAME] [-f] [-n COUNT] [--json]',
    help,
    namesVassals: true,
    async run(args, surroundings) {
      const words = readWords(args, { '-f': 'flag', '--follow': 'flag', '-n': 'value', '--json': 'flag' });
      const client = clientFor(words, surroundings);
      const [wanted] = words.names;
      const vassal = wanted === undefined ? undefined : findVassal(wanted, (await client.status()).vassals).name;
      const format = words.options.has('--json') ? JSON.stringify : textOf(kind, vassal === undefined);
      const lines = client.lines({
        kind,
        vassal,
        count: numberOption(words, '-n', DEFAULT_COUNT),
        follow: words.options.has('-f') || words.options.has('--follow'),
      });
      let isEmpty = true;
      for await (const line of lines) {
        isEmpty = false;
        surroundings.output.write(`${format(line)}\n`);
      }
      if (isEmpty && kind === 'output' && vassal !== undefined) await sayWhere(client, vassal);
      return 0;
    },
  };
}

/** A vassal whose options send its log elsewhere has nothing for us. */
async function sayWhere(client: AdminClient, vassal: string): Promise<void> {
  const { configuration } = await client.vassal(vassal);
  const targets = (configuration?.entries ?? []).filter(({ key }) => LOG_OPTIONS.has(key));
  const elsewhere = targets.map(({ key, value }) => `${key} = ${value}`).join(', ');
  process.stderr.write(
    `emperor: ${vassal} has written nothing here${elsewhere === '' ? '' : `; its log goes elsewhere: ${elsewhere}`}\n`,
  );
}

function textOf(kind: Kind['kind'], namesVassal: boolean): (line: EventLine | SkippedLines) => string {
  return (line) => {
    if ('skipped' in line) return `… ${line.skipped} lines left out: they came faster than they were read`;
    if (kind === 'events') return `${localTime(line.time)} ${line.level.padEnd(5)} ${line.message}`;
    return namesVassal
      ? `${localTime(line.time)} ${line.vassal} | ${line.message}`
      : `${localTime(line.time)} ${line.message}`;
  };
}

/** `2026-11-22 20:15:03`, where the operator is. */
function localTime(time: string): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export const logs: Command = follow({ name: 'logs', kind: 'output', help: 'what vassals wrote, -f: and write' });
export const events: Command = follow({
  name: 'events',
  kind: 'events',
  help: 'what happened to them, -f: and happens',
});
