import { accessSync, constants, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Config } from '@emperor/config';
import { makeDirectories } from '@emperor/posix';

import { StartError } from '../start-error.ts';

/** Where an instance keeps jobs: absolute paths without links (that is how apps name them), and URLs of Redis servers. */
export interface SpoolerPlaces {
  /** Whose jobs this instance runs. */
  readonly own: readonly string[];
  /** Whose jobs another instance runs. */
  readonly external: readonly string[];
}

/** Makes those that are missing. @throws StartError for one that cannot be made or written to */
export function openPlaces({ options }: Config, directory: string): SpoolerPlaces {
  return {
    own: options.spooler.map((path) => open('spooler', path, directory)),
    external: options['spooler-external'].map((path) => open('spooler-external', path, directory)),
  };
}

/** Whether a place is a server. */
export function isUrl(place: string): boolean {
  return /^rediss?:\/\//.test(place);
}

/** A place for people: without the password. */
export function shownPlace(place: string): string {
  return place.replace(/^(rediss?:\/\/)[^/@]*@/, '$1');
}

function open(option: string, path: string, directory: string): string {
  if (isUrl(path)) return path;
  const absolute = resolve(directory, path);
  if (/^\w+:\/\//.test(path))
    throw new StartError(
      `${option} = ${path}: jobs are kept in a directory, or on a Redis: redis://HOST[:PORT][/DATABASE]`,
    );
  try {
    makeDirectories(absolute, 0o770);
    accessSync(absolute, constants.W_OK | constants.X_OK);
    return realpathSync(absolute);
  } catch (error) {
    throw new StartError(
      `${option} = ${path}: cannot keep jobs there: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
