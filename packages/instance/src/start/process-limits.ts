import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

import type { Config } from '@emperor/config';
import { limitResource } from '@emperor/posix';

import { StartError } from '../start-error.ts';

/** What this process and all it starts may use: `max-fd`, `limit-nproc`, `prio`. @throws StartError when the system refuses */
export function limitProcess({ options }: Config, log: (line: string) => void): void {
  const { 'max-fd': files, 'limit-nproc': processes, prio } = options;
  attempt('max-fd', files, () => limitResource('openFiles', files));
  if (processes > 0) log(`limiting number of processes to ${processes}...`);
  attempt('limit-nproc', processes, () => limitResource('processes', processes));
  attempt('prio', prio, () => setPriority(prio));
  if (prio !== 0) log(`scheduler priority set to ${prio}`);
}

function attempt(option: string, value: number, act: () => void): void {
  if (value === 0) return;
  try {
    act();
  } catch (error) {
    throw new StartError(`cannot do what ${option} = ${value} asks for: ${(error as Error).message}`);
  }
}

/** `file-write = FILE=TEXT`. @throws StartError when a file cannot be written */
export function writeFiles(config: Config, log: (line: string) => void): void {
  for (const { value, origin } of config.entriesOf('file-write')) {
    const equals = value.indexOf('=');
    const [file, text] = equals < 0 ? [value, ''] : [value.slice(0, equals), value.slice(equals + 1)];
    log(`writing "${text}" to "${file}" ...`);
    try {
      writeFileSync(file, `${text}\n`);
    } catch (error) {
      const place = origin.line > 0 ? `${origin.source}:${origin.line}: ` : '';
      throw new StartError(`${place}file-write = ${value}: ${(error as Error).message}`);
    }
  }
}
