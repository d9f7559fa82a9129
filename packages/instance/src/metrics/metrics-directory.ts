import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeDirectories } from '@emperor/posix';

import { StartError } from '../start-error.ts';
import type { Metric } from './metric.ts';

/** How often the files follow, as in uWSGI. */
const INTERVAL_MS = 1000;

/** A file for each metric, for scripts that would rather read files (`metrics-dir`). Written only when it changes. */
export class MetricsDirectory {
  readonly #directory: string;
  readonly #written = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @throws StartError when there can be no such directory */
  constructor(directory: string) {
    this.#directory = directory;
    try {
      makeDirectories(directory);
    } catch (error) {
      throw new StartError(`cannot use ${directory} as metrics-dir: ${(error as Error).message}`);
    }
  }

  /** The value a metric had when it was written last (`metrics-dir-restore`); undefined when it was not. */
  restore(name: string): number | undefined {
    try {
      const value = Number.parseInt(readFileSync(join(this.#directory, name), 'latin1'), 10);
      return Number.isNaN(value) ? undefined : value;
    } catch {
      return undefined;
    }
  }

  follow(metrics: () => readonly Metric[]): void {
    this.#write(metrics());
    this.#timer = setInterval(() => this.#write(metrics()), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #write(metrics: readonly Metric[]): void {
    for (const { name, value } of metrics) {
      if (this.#written.get(name) === value) continue;
      this.#written.set(name, value);
      try {
        writeFileSync(join(this.#directory, name), `${value}\n`, { mode: 0o640 });
      } catch {
        // The directory is full or gone: figures are not worth ending for. The next change tries again.
      }
    }
  }
}
