import { basename, dirname } from 'node:path';
import type { Stats } from 'node:fs';

import { FSWatcher } from 'chokidar';

import type { WatchPlan } from './watch-plan.ts';

/** Watches exactly what a plan names, and says that something moved; what moved is for a scan to find out. */
export class Watcher {
  readonly #chokidar: FSWatcher;
  #plan: WatchPlan = { directories: new Map(), paths: new Set() };

  constructor(onMove: () => void, onProblem: (sentence: string) => void) {
    this.#chokidar = new FSWatcher({
      depth: 0,
      ignored: (path, stats) => this.#isIgnored(path, stats),
      ignorePermissionErrors: true,
    });
    this.#chokidar.on('all', onMove);
    this.#chokidar.on('error', (error) => {
      onProblem(`watching for new and changed files failed, the periodic scan goes on: ${(error as Error).message}`);
    });
  }

  /**
   * Follows a new plan. Paths that are watched for the first time report what already exists there, so that nothing which
   * appeared between the scan and the watch is missed.
   */
  follow(plan: WatchPlan): void {
    const previous = this.#plan;
    if (plan === previous) return;
    this.#plan = plan;
    const [before, after] = [watchedBy(previous), watchedBy(plan)];
    const dropped = [...before].filter((path) => !after.has(path));
    const fresh = [...after].filter((path) => !before.has(path));
    if (dropped.length > 0) this.#chokidar.unwatch(dropped);
    if (fresh.length > 0) this.#chokidar.add(fresh);
  }

  async stop(): Promise<void> {
    await this.#chokidar.close();
  }

  #isIgnored(path: string, stats: Stats | undefined): boolean {
    if (this.#plan.paths.has(path) || this.#plan.directories.has(path)) return false;
    const filters = this.#plan.directories.get(dirname(path)) ?? [];
    return !filters.some((filter) => filter(basename(path), stats?.isFile()));
  }
}

function watchedBy(plan: WatchPlan): Set<string> {
  return new Set([...plan.directories.keys(), ...plan.paths]);
}
