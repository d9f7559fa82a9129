import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { expandGlob, isGlob } from './glob.ts';
import { isMissing } from './missing.ts';
import type { VassalPattern } from './pattern.ts';
import type { VassalFile } from './vassal-file.ts';

/** Something that may be a vassal, and where it was found. */
export type Found = Pick<VassalFile, 'argument' | 'path' | 'workingDirectory' | 'monitor'>;

/** What a pattern stands for at the moment. */
export interface Expansion {
  readonly found: readonly Found[];
  /** The same as the last time, looked up without reading a directory. */
  readonly isKnown: boolean;
}

interface Known {
  readonly found: readonly Found[];
  readonly stamp: string;
}

/**
 * File systems count time in ticks: a directory that changed so short a time before it was read may change again within the
 * same tick.
 */
const SETTLED_AFTER_MS = 2000;

/**
 * Remembers what patterns stand for, for as long as the one directory in which they choose has not changed: then a scan of a
 * thousand sites reads no directory and makes no garbage.
 */
export class Expansions {
  readonly #known = new Map<VassalPattern, Known>();

  /** What cannot be listed stands for nothing, and is complained about. */
  async of(pattern: VassalPattern, problems: string[]): Promise<Expansion> {
    const directory = choosesIn(pattern);
    const stamp = directory === undefined ? undefined : stampOf(directory);
    const known = this.#known.get(pattern);
    if (known !== undefined && known.stamp === stamp) return { found: known.found, isKnown: true };
    const found = pattern.kind === 'directory' ? listed(pattern.directory, problems) : await matching(pattern);
    if (stamp === undefined) this.#known.delete(pattern);
    else this.#known.set(pattern, { found, stamp });
    return { found, isKnown: false };
  }
}

/** The directory whose entries alone decide; undefined when there are several. */
function choosesIn(pattern: VassalPattern): string | undefined {
  if (pattern.kind === 'directory') return pattern.directory;
  const segments = resolve(pattern.workingDirectory, pattern.text).split('/');
  const wildcards = segments.flatMap((segment, index) => (isGlob(segment) ? [index] : []));
  const [only, another] = wildcards;
  if (only === undefined || another !== undefined || segments[only] === '**') return undefined;
  return segments.slice(0, only).join('/') || '/';
}

/** Undefined while it must be read again in any case. */
function stampOf(directory: string): string | undefined {
  try {
    const { dev, ino, mtimeMs } = statSync(directory);
    return Date.now() - mtimeMs > SETTLED_AFTER_MS ? `${dev}:${ino}:${mtimeMs}` : undefined;
  } catch {
    return undefined;
  }
}

function listed(directory: string, problems: string[]): Found[] {
  try {
    const names = readdirSync(directory).filter((name) => !name.startsWith('.'));
    return names.toSorted().map((name) => foundAt(name, { workingDirectory: directory, monitor: directory }));
  } catch (error) {
    if (!isMissing(error)) problems.push(`could not list ${directory}: ${(error as Error).message}`);
    return [];
  }
}

async function matching({ text, workingDirectory }: VassalPattern & { kind: 'glob' }): Promise<Found[]> {
  const names = await expandGlob(text, workingDirectory);
  return names.map((name) => foundAt(name, { workingDirectory, monitor: text }));
}

function foundAt(argument: string, place: Pick<Found, 'workingDirectory' | 'monitor'>): Found {
  return { argument, path: resolve(place.workingDirectory, argument), ...place };
}
