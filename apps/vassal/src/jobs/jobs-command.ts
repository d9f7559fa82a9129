import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { loadConfig } from '@emperor/config';
import type { CommandOutcome, CommandSurroundings } from '@emperor/config/commands';

import { JobDatabase } from './job-database.ts';
import { contentText, jobTable } from './job-table.ts';

const USAGE = `vassal jobs PLACE [list] [--json]       what waits, runs and was given up
vassal jobs PLACE show NAME             keys and values of a job
vassal jobs PLACE retry NAME|--all      have it run again; --all: everything that was given up
vassal jobs PLACE drop NAME|--all       remove it; --all: everything that was given up

PLACE is a spool directory, or a configuration with the option spooler.
`;

/** `vassal jobs`: looks into the job queue and mends it, whether the instance runs or not. */
export function jobsCommand(args: readonly string[], surroundings: CommandSurroundings): CommandOutcome {
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
  const databases: JobDatabase[] = [];
  try {
    for (const directory of spoolDirectories(place, surroundings)) databases.push(new JobDatabase(directory));
    if (action === 'list') return list(databases, args.includes('--json'));
    if (action === 'show') return show(databases, names);
    return change(databases, action === 'retry' ? 'retry' : 'drop', forAll ? [undefined] : names);
  } catch (error) {
    return { text: `${error instanceof Error ? error.message : String(error)}\n`, exitCode: 1 };
  } finally {
    for (const database of databases) database.close();
  }
}

/** @throws Error with a sentence when there are none */
function spoolDirectories(place: string, { environment, workingDirectory }: CommandSurroundings): readonly string[] {
  const path = resolve(workingDirectory, place);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${place}: there is no such directory or file`);
  if (stats.isDirectory()) return [path];
  const { config } = loadConfig({ argv: [place], environment, workingDirectory, scope: 'vassal' });
  if (config === undefined) throw new Error(`${place}: the configuration has errors: see "vassal check ${place}"`);
  const base = resolve(workingDirectory, config.options.chdir ?? '.');
  if (config.options.spooler.length === 0) throw new Error(`${place}: there is no spooler in this configuration`);
  return config.options.spooler.map((directory) => resolve(base, directory));
}

function list(databases: readonly JobDatabase[], asJson: boolean): CommandOutcome {
  const rows = databases.flatMap((database) => database.list());
  return { text: asJson ? `${JSON.stringify(rows, undefined, 2)}\n` : jobTable(rows, Date.now() / 1000), exitCode: 0 };
}

function show(databases: readonly JobDatabase[], names: readonly string[]): CommandOutcome {
  const found = names.flatMap((name) => {
    const content = databases.map((database) => database.content(name)).find((one) => one !== undefined);
    return content === undefined ? [] : [contentText(name, content.vars, content.body)];
  });
  if (found.length < names.length) return { text: `${found.join('')}${missing(names)}`, exitCode: 1 };
  return { text: found.join(''), exitCode: 0 };
}

function change(
  databases: readonly JobDatabase[],
  action: 'retry' | 'drop',
  names: readonly (string | undefined)[],
): CommandOutcome {
  let count = 0;
  for (const database of databases) for (const name of names) count += database[action](name);
  const done = action === 'retry' ? 'will run again' : 'dropped';
  const text = `${count} ${count === 1 ? 'job' : 'jobs'} ${done}\n`;
  const isComplete = names.includes(undefined) || count >= names.length;
  return isComplete ? { text, exitCode: 0 } : { text: `${text}${missing(names)}`, exitCode: 1 };
}

function missing(names: readonly (string | undefined)[]): string {
  return `not every job of ${names.join(' ')} is there, or it runs just now\n`;
}
