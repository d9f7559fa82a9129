import { statSync } from 'node:fs';
import { join } from 'node:path';

import { watchDirectory, watchPath, type Watch } from './path-watch.ts';
import type { WatchPlan } from './watch-plan.ts';

/** A watch that could not be set: the periodic scan has to do. */
const NONE: Watch = { isTrue: () => true, close: () => undefined };

/** What is not there, or not ours to read, is no problem of the watching. */
const HARMLESS = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP']);

/** Watches exactly what a plan names, and says that something moved; what moved is for a scan to find out. */
export class Watcher {
  readonly #onMove: () => void;
  readonly #onProblem: (sentence: string) => void;
  readonly #directories = new Map<string, Watch>();
  readonly #paths = new Map<string, Watch>();
  #plan: WatchPlan = { directories: new Map(), paths: new Set() };

  constructor(onMove: () => void, onProblem: (sentence: string) => void) {
    this.#onMove = onMove;
    this.#onProblem = onProblem;
  }

  /**
   * Follows a plan; what stands at the `replaced` paths is another file than before, so they are watched anew. When there is a
   * new watch it says that something moved: what did so between the scan and the watch is not missed.
   */
  follow(plan: WatchPlan, replaced: readonly string[] = []): void {
    for (const path of replaced) forget(this.#paths, path);
    if (plan !== this.#plan) {
      for (const [path, watch] of this.#directories) {
        if (!plan.directories.has(path) || !watch.isTrue()) forget(this.#directories, path);
      }
      for (const path of this.#paths.keys()) if (!plan.paths.has(path)) forget(this.#paths, path);
    }
    this.#plan = plan;
    let hasNew = false;
    for (const path of plan.directories.keys()) hasNew = this.#watchDirectory(path) || hasNew;
    for (const path of plan.paths) hasNew = this.#watchPath(path) || hasNew;
    if (hasNew) this.#onMove();
  }

  stop(): void {
    for (const watches of [this.#directories, this.#paths]) {
      for (const path of watches.keys()) forget(watches, path);
    }
  }

  #watchDirectory(path: string): boolean {
    return this.#open(this.#directories, path, () => watchDirectory(path, (name) => this.#entryMoved(path, name)));
  }

  #watchPath(path: string): boolean {
    return this.#open(this.#paths, path, () =>
      watchPath(path, () => {
        forget(this.#paths, path);
        this.#onMove();
      }),
    );
  }

  /** Returns whether it is watched from now on. */
  #open(watches: Map<string, Watch>, path: string, open: () => Watch): boolean {
    if (watches.has(path)) return false;
    try {
      watches.set(path, open());
      return true;
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (HARMLESS.has(code)) return false;
      watches.set(path, NONE);
      this.#onProblem(`watching for new and changed files failed, the periodic scan goes on: ${message}`);
      return false;
    }
  }

  #entryMoved(directory: string, name: string | undefined): void {
    if (name === undefined) forget(this.#directories, directory);
    else if (!this.#isWanted(directory, name)) return;
    this.#onMove();
  }

  #isWanted(directory: string, name: string): boolean {
    const filters = this.#plan.directories.get(directory) ?? [];
    if (!filters.some((filter) => filter(name, undefined))) return false;
    const isFile = isRegularFile(join(directory, name));
    return filters.some((filter) => filter(name, isFile));
  }
}

function forget(watches: Map<string, Watch>, path: string): void {
  watches.get(path)?.close();
  watches.delete(path);
}

/** Undefined when it is gone. */
function isRegularFile(path: string): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile();
  } catch {
    return undefined;
  }
}
