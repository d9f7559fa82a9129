import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import type { Config } from '@emperor/config';
import { lockFile } from '@emperor/posix';

import { StartError } from '../start-error.ts';

/** How often a file is tried again that somebody else has locked. */
const RETRY_MS = 100;

/** The options of locks, before and after the logs are open. The descriptors stay open: the locks end with this process. */
const LOCKS = {
  first: { atOnce: 'flock', waiting: 'flock-wait' },
  second: { atOnce: 'flock2', waiting: 'flock-wait2' },
} as const;

/** Locks the files that are due; gives up waiting when told to. @throws StartError when one cannot be locked */
export async function lockFiles(
  { options }: Config,
  when: keyof typeof LOCKS,
  isGivenUp: () => boolean,
): Promise<void> {
  const { atOnce, waiting } = LOCKS[when];
  const path = options[atOnce];
  if (path !== undefined && !lockFile(open(atOnce, path)))
    throw new StartError(
      `flock(): somebody else has locked "${path}" (option ${atOnce}): is this instance running already?`,
    );
  const awaited = options[waiting];
  if (awaited === undefined) return;
  const descriptor = open(waiting, awaited);
  while (!lockFile(descriptor) && !isGivenUp()) await pause(RETRY_MS);
}

function open(option: string, path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new StartError(`open("${path}"): cannot lock it (option ${option}): ${(error as Error).message}`);
  }
}
