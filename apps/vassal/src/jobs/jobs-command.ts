import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { loadConfig } from '@emperor/config';
import type { CommandOutcome, CommandSurroundings } from '@emperor/config/commands';

import { JobDatabase } from './job-database.ts';
import type { JobQueue } from './job-queue.ts';
import { contentText, jobTable } from './job-table.ts';

const USAGE = `vassal jobs PLACE [list] [--json]       what waits, runs and was given up
vassal jobs PLACE show NAME             keys and values of a job
vassal jobs PLACE retry NAME|--all      have it run again; --all: everything that was given up
vassal jobs PLACE drop NAME|--all       remove it; --all: everything that was given up

PLACE is a spool directory, the URL of a Redis, or a configuration with the option spooler.
`;

/** `vassal jobs`: looks into the job queue and mends it, whether the instance runs or not. */
export async function jobsCommand(args: readonly string[], surroundings: CommandSurroundings): Promise<CommandOutcome> {
  const words = args.filter((word) => !word.startsWith('--'));
  const [place, action = 'list', ...names] = words;
  const forAll = args.includes('--all');
  const needsName = action !== 'list';
  if (
    place === undefined ||
    !['list', 'show', 'retry', 'drop'].includes(action) ||
    (needsName && !forAll && names.length === 0)
  )
    return { text: `Usage:\n${USAGE}`, exitCode: 2 };
  const queues: JobQueue[] = [];
  try {
    for (const one of spoolPlaces(place, surroundings)) queues.push(await openQueue(one));
    if (action === 'list') return await list(queues, args.includes('--json'));
    if (action === 'show') return await show(queues, names);
    return await change(queues, action === 'retry' ? 'retry' : 'drop', forAll ? [undefined] : names);
  } catch (error) {
    return { text: `${error instanceof Error ? error.message : String(error)}\n`, exitCode: 1 };
  } finally {
    for (const queue of queues) await queue.close();
  }
}

/** @throws Error with a sentence when there are none */
function spoolPlaces(place: string, { environment, workingDirectory }: CommandSurroundings): readonly string[] {
  if (isUrl(place)) return [place];
  const path = resolve(workingDirectory, place);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${place}: there is no such directory or file`);
  if (stats.isDirectory()) return [path];
  const { config } = loadConfig({ argv: [place], environment, workingDirectory, scope: 'vassal' });
  if (config === undefined) throw new Error(`${place}: the configuration has errors: see "vassal check ${place}"`);
  const base = resolve(workingDirectory, config.options.chdir ?? '.');
  if (config.options.spooler.length === 0) throw new Error(`${place}: there is no spooler in this configuration`);
  return config.options.spooler.map((one) => (isUrl(one) ? one : resolve(base, one)));
}

function isUrl(place: string): boolean {
  return /^rediss?:\/\//.test(place);
}

async function openQueue(place: string): Promise<JobQueue> {
  if (!isUrl(place)) return new JobDatabase(place);
  const { JobRedis } = await import('./job-redis.ts');
  return new JobRedis(place);
}

async function list(queues: readonly JobQueue[], asJson: boolean): Promise<CommandOutcome> {
  const rows = (await Promise.all(queues.map((queue) => queue.list()))).flat();
  return { text: asJson ? `${JSON.stringify(rows, undefined, 2)}\n` : jobTable(rows, Date.now() / 1000), exitCode: 0 };
}

async function show(queues: readonly JobQueue[], names: readonly string[]): Promise<CommandOutcome> {
  const texts: string[] = [];
  for (const name of names) {
    for (const queue of queues) {
      const content = await queue.content(name);
      if (content !== undefined) texts.push(contentText(name, content.vars, content.body));
    }
  }
  if (texts.length < names.length) return { text: `${texts.join('')}${missing(names)}`, exitCode: 1 };
  return { text: texts.join(''), exitCode: 0 };
}

async function change(
  queues: readonly JobQueue[],
  action: 'retry' | 'drop',
  names: readonly (string | undefined)[],
): Promise<CommandOutcome> {
  let count = 0;
  for (const queue of queues) for (const name of names) count += await queue[action](name);
  const done = action === 'retry' ? 'will run again' : 'dropped';
  const text = `${count} ${count === 1 ? 'job' : 'jobs'} ${done}\n`;
  const isComplete = names.includes(undefined) || count >= names.length;
  return isComplete ? { text, exitCode: 0 } : { text: `${text}${missing(names)}`, exitCode: 1 };
}

function missing(names: readonly (string | undefined)[]): string {
  return `not every job of ${names.join(' ')} is there, or it runs just now\n`;
}
