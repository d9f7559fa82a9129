import { type AdminClient, type EventLine, statusPage, statusTable } from '@emperor/emperor';

import type { Command } from './command.ts';
import { findVassal } from './find-vassal.ts';
import { json } from './json.ts';
import { styleFor } from './terminal.ts';
import { clientFor, readWords } from './words.ts';

const EVENTS = 8;

export const status: Command = {
  name: 'status',
  form: '[NAME]... [--json]',
  help: 'how they are, the unwell first; all about NAME',
  namesVassals: true,
  async run(args, surroundings) {
    const words = readWords(args, { '--json': 'flag' });
    const asJson = words.options.has('--json');
    const client = clientFor(words, surroundings);
    const { output } = surroundings;
    const all = await client.status();
    if (words.names.length === 0) {
      output.write(asJson ? json(all) : statusTable(all, Date.now(), styleFor(surroundings)));
      return 0;
    }
    for (const { name } of words.names.map((wanted) => findVassal(wanted, all.vassals))) {
      const page = await client.vassal(name);
      const happened = await latestEvents(client, name);
      output.write(asJson ? json({ ...page, events: happened }) : statusPage(page, happened, Date.now()));
    }
    return 0;
  },
};

async function latestEvents(client: AdminClient, vassal: string): Promise<EventLine[]> {
  const events: EventLine[] = [];
  for await (const line of client.lines({ kind: 'events', vassal, count: EVENTS, follow: false })) {
    if ('event' in line) events.push(line);
  }
  return events;
}
