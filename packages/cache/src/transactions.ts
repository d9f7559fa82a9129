import type { DatabaseSync } from 'node:sqlite';

import { BUSY_MS, isBusy } from './database.ts';
import { monotonicSeconds } from './monotonic-clock.ts';

/** The most that is sent to the log about one cache that fails all the time: a line in so many seconds. */
const COMPLAINT_SECONDS = 10;

/** How a cache works on its database: what fails there is told, and never thrown. */
export class Transactions {
  readonly #name: string;
  readonly #database: DatabaseSync;
  readonly #log: (line: string) => void;
  #waits = true;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, database: DatabaseSync, log: (line: string) => void) {
    this.#name = name;
    this.#database = database;
    this.#log = log;
  }

  /** Runs a change in a transaction of its own; one that refuses (false) leaves nothing. */
  change(what: string, run: () => boolean): boolean {
    return this.attempt(
      what,
      () => {
        this.#begin();
        let isDone = false;
        try {
          isDone = run();
        } finally {
          this.#database.exec(isDone ? 'COMMIT' : 'ROLLBACK');
        }
        return isDone;
      },
      false,
    );
  }

  /** Who has waited in vain does not wait the next time: nobody else would be served meanwhile. */
  #begin(): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      if (!this.#waits) this.#setWaiting(true);
    } catch (error) {
      if (isBusy(error) && this.#waits) this.#setWaiting(false);
      throw error;
    }
  }

  #setWaiting(waits: boolean): void {
    this.#waits = waits;
    this.#database.exec(`PRAGMA busy_timeout = ${waits ? BUSY_MS : 0}`);
  }

  /** Runs something; a fault of the database is told. */
  attempt<T>(what: string, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (error) {
      this.#complain(what, error);
      return otherwise;
    }
  }

  #complain(what: string, error: unknown): void {
    const now = monotonicSeconds();
    if (now - this.#complainedAt < COMPLAINT_SECONDS) return;
    this.#complainedAt = now;
    this.#log(
      `[cache] could not ${what} in "${this.#name}": ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
