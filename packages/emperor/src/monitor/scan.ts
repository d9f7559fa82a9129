import { lstatSync, statSync, type Stats } from 'node:fs';

import { Expansions, type Found } from './expansions.ts';
import { isMissing } from './missing.ts';
import type { VassalPattern } from './pattern.ts';
import { refusalOf, type TyrantMode } from './tyrant.ts';
import type { FileOwner, VassalFile } from './vassal-file.ts';
import { isVassalName } from './vassal-name.ts';
import { WatchPlanner, type Candidate, type WatchPlan } from './watch-plan.ts';

export interface ScanOptions {
  /** False with `emperor-nofollow`: the time stamp of a symbolic link counts, not that of the file behind it. */
  readonly followSymlinks: boolean;
  /** With `emperor-tyrant` vassals run as the owners of their files; `nofollow`: of the links to them. */
  readonly tyrant: TyrantMode;
  /** As in `emperor-extra-extension`, with their dots. */
  readonly extraExtensions: readonly string[];
}

/** What a scan found. */
export interface Scan {
  /** By name. */
  readonly files: ReadonlyMap<string, VassalFile>;
  readonly watchPlan: WatchPlan;
  /** By name: what must not run, and why. */
  readonly refusals: ReadonlyMap<string, string>;
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
      collector.complainOfStrangers(pattern, found);
      isSettled &&= isKnown;
    }
    collector.keepUnlisted();
    const watchPlan = await this.#plan(candidates, isSettled && !collector.hasMissed);
    const { files, refusals, problems } = collector;
    return { files, refusals, watchPlan, problems };
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
  readonly refusals: Map<string, string> = new Map();
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

  /** A pattern that means something else than vassals is a mistake somebody should know of; what it matches is not touched. */
  complainOfStrangers(pattern: VassalPattern, found: readonly Found[]): void {
    if (pattern.kind === 'directory' || found.length === 0) return;
    if (found.some(({ argument }) => isVassalName(argument, this.#options.extraExtensions))) return;
    this.problems.push(
      `${pattern.text} matches ${found[0]?.path ?? ''}${found.length > 1 ? ` and ${found.length - 1} more` : ''}, but nothing with the ` +
        'extension of a configuration (.ini .yml .yaml .json .js .xml): nothing of it is run',
    );
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
    else if (stats !== undefined) this.#takeAllowed(found, stats);
    else this.hasMissed = true;
    return { path, exists: stats !== undefined };
  }

  /** Of a regular file, itself or behind links; undefined for anything else. */
  #stats(path: string): Stats | 'unreadable' | undefined {
    try {
      const target = statSync(path, { throwIfNoEntry: false });
      if (target === undefined) return undefined;
      if (!target.isFile()) {
        this.problems.push(`${path} is ${kindOf(target)}, no regular file: it is not run`);
        return undefined;
      }
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

  #takeAllowed(found: Found, stats: Stats): void {
    const { tyrant } = this.#options;
    if (tyrant === 'off') return this.#take(found, stats);
    const { argument, path } = found;
    const link = lstatSync(path, { throwIfNoEntry: false }) ?? stats;
    const owner = tyrant === 'follow' ? (statSync(path, { throwIfNoEntry: false }) ?? link) : link;
    const reason = refusalOf(owner, link);
    if (reason === undefined) return this.#take(found, stats, { uid: owner.uid, gid: owner.gid });
    this.#paths.add(path);
    this.refusals.set(argument, reason);
  }

  #take({ argument, path, workingDirectory, monitor }: Found, stats: Stats, owner?: FileOwner): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    const known = this.#previousByPath.get(path);
    if (known !== undefined && isSame(known, stats, owner)) {
      this.files.set(known.name, known);
      return;
    }
    const name = known?.name ?? this.#freeName(argument, path);
    const { mtimeMs, ino: inode, size } = stats;
    const fingerprint = { mtimeMs, inode, size };
    this.files.set(name, { name, argument, path, workingDirectory, monitor, owner, fingerprint });
  }

  /** A file keeps its name from scan to scan; the first to ask for a name gets it, any other goes by its path. */
  #freeName(argument: string, path: string): string {
    return this.files.has(argument) || this.#previous.has(argument) ? path : argument;
  }
}

function isSame({ fingerprint, owner }: VassalFile, { mtimeMs, ino, size }: Stats, newOwner?: FileOwner): boolean {
  return (
    fingerprint.mtimeMs === mtimeMs &&
    fingerprint.inode === ino &&
    fingerprint.size === size &&
    owner?.uid === newOwner?.uid &&
    owner?.gid === newOwner?.gid
  );
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}
