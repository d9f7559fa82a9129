import { lstatSync, statSync } from 'node:fs';
import { dirname, matchesGlob, resolve } from 'node:path';

import { expandGlob, isGlob } from './glob.ts';
import type { VassalPattern } from './pattern.ts';
import { isVassalName } from './vassal-name.ts';

/** Whether a new, changed or vanished entry of a directory is worth a scan. `isFile` is unknown until it has been looked at. */
export type EntryFilter = (name: string, isFile: boolean | undefined) => boolean;

/**
 * What to watch, so that a change of any file the patterns can match is noticed at once: never more than the directories a
 * wildcard stands for, and single files. Nothing below a site is listed or watched, whatever lies there.
 */
export interface WatchPlan {
  /** Directories whose entries matter, not their descendants. */
  readonly directories: ReadonlyMap<string, readonly EntryFilter[]>;
  /** Single files, or the first missing directory on the way to one. */
  readonly paths: ReadonlySet<string>;
}

/** A file a pattern can mean, whether it exists or not. */
export interface Candidate {
  /** Absolute. */
  readonly path: string;
  readonly exists: boolean;
}

/** Collects the plan of one scan, pattern by pattern. */
export class WatchPlanner implements WatchPlan {
  readonly directories: Map<string, EntryFilter[]> = new Map();
  readonly paths: Set<string> = new Set();
  readonly #extraExtensions: readonly string[];

  constructor(extraExtensions: readonly string[]) {
    this.#extraExtensions = extraExtensions;
  }

  async add(pattern: VassalPattern, candidates: readonly Candidate[]): Promise<void> {
    if (pattern.kind === 'directory') {
      this.#watchEntries(pattern.directory, (name) => isVassalName(name, this.#extraExtensions));
      this.#watchTargets(candidates);
      return;
    }
    const segments = resolve(pattern.workingDirectory, pattern.text).split('/');
    const wildcards = segments.flatMap((segment, index) => (isGlob(segment) ? [index] : []));
    for (const index of wildcards) {
      await this.#watchLevel(segments, index, wildcards[0] ?? 0);
      // Everything below may match: that would be the trees of the sites. The periodic scan has to do.
      if (segments[index] === '**') return;
    }
    if (wildcards.at(-1) === segments.length - 1) this.#watchTargets(candidates);
    else for (const candidate of candidates) this.#watchCandidate(candidate);
  }

  /** Of files in a watched directory: an edit behind a link happens elsewhere. */
  #watchTargets(candidates: readonly Candidate[]): void {
    for (const { path } of candidates) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) this.paths.add(path);
    }
  }

  /** Watches the directories in which segment `index`, a wildcard, chooses entries. */
  async #watchLevel(segments: readonly string[], index: number, first: number): Promise<void> {
    const above = segments.slice(0, index).join('/') || '/';
    const parents = index === first ? [above] : await expandGlob(above, '/');
    const wanted = segments[index] ?? '';
    const isLast = index === segments.length - 1;
    for (const parent of parents) {
      this.#watchEntries(parent, (name, isFile) => (isLast || isFile !== true) && matchesGlob(name, wanted));
    }
  }

  #watchEntries(directory: string, filter: EntryFilter): void {
    const kind = kindOf(directory);
    if (kind === 'missing') this.#watchCandidate({ path: directory, exists: false });
    if (kind !== 'directory') return;
    this.directories.set(directory, [...(this.directories.get(directory) ?? []), filter]);
  }

  #watchCandidate(candidate: Candidate): void {
    const path = candidate.exists ? candidate.path : firstMissing(candidate.path);
    if (path !== undefined) this.paths.add(path);
  }
}

/** The topmost part of a missing path that has to appear first; undefined when a file is in the way. */
function firstMissing(path: string): string | undefined {
  let missing = path;
  for (let parent = dirname(missing); kindOf(parent) !== 'directory'; parent = dirname(missing)) {
    if (kindOf(parent) === 'other' || parent === missing) return undefined;
    missing = parent;
  }
  return missing;
}

function kindOf(path: string): 'directory' | 'missing' | 'other' {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return 'missing';
    return stats.isDirectory() ? 'directory' : 'other';
  } catch {
    return 'other';
  }
}
