import { lstatSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { resolve } from 'node:path';

import { expandGlob } from './glob.ts';
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

/**
 * Looks for every vassal of the patterns. A file of the previous scan is only taken for gone when the system says so: while a
 * directory or a file is unreadable, what ran goes on running.
 */
export async function scan(
  patterns: readonly VassalPattern[],
  previous: ReadonlyMap<string, VassalFile>,
  options: ScanOptions,
): Promise<Scan> {
  const collector = new Collector(previous, options);
  const planner = new WatchPlanner(options.extraExtensions);
  for (const pattern of patterns) {
    const candidates =
      pattern.kind === 'directory' ? collector.addDirectory(pattern) : await collector.addGlob(pattern);
    await planner.add(pattern, candidates);
  }
  collector.keepUnlisted();
  return { files: collector.files, watchPlan: planner, problems: collector.problems };
}

/** Where something was found that may be a vassal. */
type Found = Pick<VassalFile, 'argument' | 'workingDirectory' | 'monitor'>;

class Collector {
  readonly files: Map<string, VassalFile> = new Map();
  readonly problems: string[] = [];
  readonly #paths = new Set<string>();
  readonly #previous: ReadonlyMap<string, VassalFile>;
  readonly #previousByPath: ReadonlyMap<string, VassalFile>;
  readonly #options: ScanOptions;

  constructor(previous: ReadonlyMap<string, VassalFile>, options: ScanOptions) {
    this.#previous = previous;
    this.#previousByPath = new Map([...previous.values()].map((file) => [file.path, file]));
    this.#options = options;
  }

  addDirectory({ directory }: VassalPattern & { kind: 'directory' }): Candidate[] {
    const monitor = directory;
    return this.#listed(directory).map((name) =>
      this.#addFile({ argument: name, workingDirectory: directory, monitor }),
    );
  }

  async addGlob({ text, workingDirectory }: VassalPattern & { kind: 'glob' }): Promise<Candidate[]> {
    const names = await expandGlob(text, workingDirectory);
    return names.map((name) => this.#addFile({ argument: name, workingDirectory, monitor: text }));
  }

  /** Keeps those of the previous scan that were not listed this time but are still there. */
  keepUnlisted(): void {
    for (const file of this.#previous.values()) {
      if (!this.#paths.has(file.path)) this.#addFile(file);
    }
  }

  #listed(directory: string): string[] {
    try {
      return readdirSync(directory)
        .filter((name) => !name.startsWith('.'))
        .toSorted();
    } catch (error) {
      if (!isMissing(error)) this.problems.push(`could not list ${directory}: ${(error as Error).message}`);
      return [];
    }
  }

  #addFile(found: Found): Candidate {
    const { argument, workingDirectory } = found;
    const path = resolve(workingDirectory, argument);
    if (!isVassalName(argument, this.#options.extraExtensions)) return { path, exists: false };
    const stats = this.#stats(path);
    if (stats === 'unreadable') this.#keep(path);
    else if (stats !== undefined) this.#take(found, path, stats);
    return { path, exists: stats !== undefined };
  }

  /** Of a regular file, itself or behind links; undefined for anything else. */
  #stats(path: string): BigIntStats | 'unreadable' | undefined {
    try {
      const target = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (target?.isFile() !== true) return undefined;
      return this.#options.followSymlinks ? target : lstatSync(path, { bigint: true, throwIfNoEntry: false });
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

  #take({ argument, workingDirectory, monitor }: Found, path: string, stats: BigIntStats): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    const name = this.#nameFor(argument, path);
    const fingerprint = { mtimeNs: stats.mtimeNs, inode: stats.ino, size: stats.size };
    const owner = { uid: Number(stats.uid), gid: Number(stats.gid) };
    this.files.set(name, { name, argument, path, workingDirectory, monitor, owner, fingerprint });
  }

  /** A file keeps its name from scan to scan; the first to ask for a name gets it, any other goes by its path. */
  #nameFor(argument: string, path: string): string {
    const known = this.#previousByPath.get(path);
    if (known !== undefined) return known.name;
    return this.files.has(argument) || this.#previous.has(argument) ? path : argument;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  // A symbolic link that leads to itself is as good as none.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
