import { setTimeout } from 'node:timers/promises';

import { EmperorError, type AdminClient, type EmperorStatus } from '@emperor/emperor';

import type { Command } from './command.ts';
import { withProgress } from './progress.ts';
import { clientFor, readWords } from './words.ts';

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** `emperor upgrade`: the installed version takes over, and every vassal keeps its process. */
export const upgrade: Command = {
  name: 'upgrade',
  form: '',
  help: 'have the installed version take over; vassals go on',
  namesVassals: false,
  async run(args, surroundings) {
    const client = clientFor(readWords(args, {}), surroundings);
    const { since } = await client.status();
    await client.upgrade();
    const waiting = async (): Promise<string> => 'the next emperor is starting';
    const { pid } = await withProgress(surroundings, waiting, successor(client, since));
    surroundings.output.write(`the new emperor has taken over (pid: ${pid})\n`);
    return 0;
  },
};

/** The status of the emperor that started later. */
async function successor(client: AdminClient, since: string): Promise<EmperorStatus> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    await setTimeout(LOOK_EVERY_MS);
    const status = await client.status().catch(() => undefined);
    if (status !== undefined && status.since !== since) return status;
  }
  throw new EmperorError(`no new emperor answers within ${PATIENCE_MS / 1000} s; its log says why`);
}
