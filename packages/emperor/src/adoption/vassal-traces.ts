import { createHash, randomBytes } from 'node:crypto';

import type { VassalFile } from '../monitor/vassal-file.ts';
import type { VassalLaunch } from '../vassal/vassal-launch.ts';
import { startTimeOf } from './process-identity.ts';
import type { VassalPlaces } from './vassal-places.ts';
import type { VassalRecord } from './vassal-record.ts';

/** What the runtime directory holds of the process of one vassal. */
export class VassalTraces {
  readonly #places: VassalPlaces;
  readonly #complain: (problem: string) => void;
  #id = '';
  #record: VassalRecord | undefined;

  /** `complain` hears why a record could not be written. */
  constructor(places: VassalPlaces, complain: (problem: string) => void) {
    this.#places = places;
    this.#complain = complain;
  }

  /** Of the present process; empty before the first. */
  get id(): string {
    return this.#id;
  }

  /** The process goes on when the emperor is gone. */
  get outlives(): boolean {
    return this.#record?.outlives === true;
  }

  /** Of the control socket. */
  get socketPath(): string {
    return this.#places.socketOf(this.#id);
  }

  /** Another process is to be launched for this file. */
  begin({ path }: VassalFile): string {
    this.#id = processId(path);
    return this.#id;
  }

  /** Makes the place of the process. @throws Error with a sentence */
  makePlace({ user }: VassalLaunch): void {
    try {
      this.#places.make(this.#id, user);
    } catch (error) {
      throw new Error(`could not make a place in the runtime directory: ${(error as Error).message}`, { cause: error });
    }
  }

  launched(pid: number, { arguments: words, outlives }: VassalLaunch, file: VassalFile, launches: number): void {
    const startTime = startTimeOf(pid) ?? '';
    this.#remember({
      id: this.#id,
      pid,
      startTime,
      outlives,
      launchedAt: Date.now(),
      launches,
      arguments: words,
      file,
    });
  }

  /** A former emperor left it. */
  adopted(record: VassalRecord): void {
    this.#id = record.id;
    this.#record = record;
  }

  /** The process is to be what this file says now. */
  fileChanged(file: VassalFile): void {
    if (this.#record !== undefined) this.#remember({ ...this.#record, file });
  }

  /** The process has ended. */
  end(): void {
    this.#record = undefined;
    this.#places.remove(this.#id);
  }

  #remember(record: VassalRecord): void {
    this.#record = record;
    try {
      this.#places.remember(record);
    } catch (error) {
      this.#complain((error as Error).message);
    }
  }
}

/** Unique over the launches of a file, so that a process that ends late cannot remove its successor's socket. */
function processId(path: string): string {
  return `${createHash('sha256').update(path).digest('hex').slice(0, 12)}-${randomBytes(2).toString('hex')}`;
}
