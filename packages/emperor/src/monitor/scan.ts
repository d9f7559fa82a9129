import { lstatSync, statSync, type Stats } from 'node:fs';

import { Expansions, type Found } from './expansions.ts';
import { isMissing } from './missing.ts';
import type { VassalPattern } from './pattern.ts';
import type { VassalFile } from './vassal-file.ts';
import { isVassalName } from './vassal-name.ts';
import { WatchPlanner, type Candidate, type WatchPlan } from './watch-plan.ts';

export interface ScanOptions {
  /** False with `emperor-nofollow`: the time stamp of a symbolic link counts, not that of the file behind it. */
  readonly followSymlinks: boolean;
  /** As in `emperor-extra-extension`, with their dots. */
  readonly extraExtensions: readonly string[];
}

/** What a scan found. */
export interface Scan {
  /** By name. */
  readonly files: ReadonlyMap<string, VassalFile>;
  readonly watchPlan: WatchPlan;
  /** Sentences about what could not be read, and therefore was left as it was. */
  readonly problems: readonly string[];
}

/** Looks for every vassal of some patterns, again and again. */
export class Scanner {
  readonly #patterns: readonly VassalPattern[];
  readonly #options: ScanOptions;
  readonly #expansions = new Expansions();
  #watchPlan: WatchPlan | undefined;

  constructor(patterns: readonly VassalPattern[], options: ScanOptions) {
    this.#patterns = patterns;
    this.#options = options;
  }

  /**
   * A file of the previous scan is only taken for gone when the system says so: while a directory or a file is unreadable,
   * what ran goes on running.
   */
  async scan(previous: ReadonlyMap<string, VassalFile>): Promise<Scan> {
    const collector = new Collector(previous, this.#options);
    const candidates: (readonly Candidate[])[] = [];
    let isSettled = true;
    for (const pattern of this.#patterns) {
      const { found, isKnown } = await this.#expansions.of(pattern, collector.problems);
      candidates.push(collector.add(found));
      isSettled &&= isKnown;
    }
    collector.keepUnlisted();
    const watchPlan = await this.#plan(candidates, isSettled && !collector.hasMissed);
    return { files: collector.files, watchPlan, problems: collector.problems };
  }

  /** The same as before while the same files are there. */
  async #plan(candidates: readonly (readonly Candidate[])[], isSettled: boolean): Promise<WatchPlan> {
    if (isSettled && this.#watchPlan !== undefined) return this.#watchPlan;
    const planner = new WatchPlanner(this.#options.extraExtensions);
    for (const [index, pattern] of this.#patterns.entries()) await planner.add(pattern, candidates[index] ?? []);
    this.#watchPlan = isSettled ? planner : undefined;
    return planner;
  }
}

class Collector {
  readonly files: Map<string, VassalFile> = new Map();
  readonly problems: string[] = [];
  /** Something that a pattern can mean is not there: what has to be watched for it depends on what is. */
  hasMissed = false;
  readonly #paths = new Set<string>();
  readonly #previous: ReadonlyMap<string, VassalFile>;
  readonly #previousByPath = new Map<string, VassalFile>();
  readonly #options: ScanOptions;

  constructor(previous: ReadonlyMap<string, VassalFile>, options: ScanOptions) {
    this.#previous = previous;
    for (const file of previous.values()) this.#previousByPath.set(file.path, file);
    this.#options = options;
  }

  add(found: readonly Found[]): Candidate[] {
    return found.map((each) => this.#addFile(each));
  }

  /** Keeps those of the previous scan that were not listed this time but are still there. */
  keepUnlisted(): void {
    for (const file of this.#previous.values()) {
      if (!this.#paths.has(file.path)) this.#addFile(file);
    }
  }

  #addFile(found: Found): Candidate {
    const { argument, path } = found;
    if (!isVassalName(argument, this.#options.extraExtensions)) return { path, exists: false };
    const stats = this.#stats(path);
    if (stats === 'unreadable') this.#keep(path);
    else if (stats !== undefined) this.#take(found, stats);
    else this.hasMissed = true;
    return { path, exists: stats !== undefined };
  }

  /** Of a regular file, itself or behind links; undefined for anything else. */
  #stats(path: string): Stats | 'unreadable' | undefined {
    try {
      const target = statSync(path, { throwIfNoEntry: false });
      if (target?.isFile() !== true) return undefined;
      return this.#options.followSymlinks ? target : lstatSync(path, { throwIfNoEntry: false });
    } catch (error) {
      if (isMissing(error)) return undefined;
      this.problems.push(`could not look at ${path}: ${(error as Error).message}`);
      return 'unreadable';
    }
  }

  #keep(path: string): void {
    const file = this.#previousByPath.get(path);
    if (file !== undefined) this.files.set(file.name, file);
  }

  #take({ argument, path, workingDirectory, monitor }: Found, stats: Stats): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    const known = this.#previousByPath.get(path);
    if (known !== undefined && isSame(known, stats)) {
      this.files.set(known.name, known);
      return;
    }
    const name = known?.name ?? this.#freeName(argument, path);
    const { mtimeMs, ino: inode, size, uid, gid } = stats;
    const fingerprint = { mtimeMs, inode, size };
    this.files.set(name, { name, argument, path, workingDirectory, monitor, owner: { uid, gid }, fingerprint });
  }

  /** A file keeps its name from scan to scan; the first to ask for a name gets it, any other goes by its path. */
  #freeName(argument: string, path: string): string {
    return this.files.has(argument) || this.#previous.has(argument) ? path : argument;
  }
}

function isSame({ fingerprint, owner }: VassalFile, { mtimeMs, ino, size, uid, gid }: Stats): boolean {
  const { uid: knownUid, gid: knownGid } = owner;
  return (
    fingerprint.mtimeMs === mtimeMs &&
    fingerprint.inode === ino &&
    fingerprint.size === size &&
    knownUid === uid &&
    knownGid === gid
  );
}
