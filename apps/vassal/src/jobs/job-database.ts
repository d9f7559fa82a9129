import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { ringBell } from './job-bell.ts';
import { decodeVars, type JobContent, type JobQueue, type JobRow, type JobState, NO_PRIORITY } from './job-queue.ts';

/** The file and its columns are described in emperor_worker/job_store.py, which makes it. */
const DATABASE_NAME = 'jobs.sqlite';
/** Version of the layout that is understood here. */
const SCHEMA_VERSION = 1;
/** Time a write of a spooler may take. */
const BUSY_MS = 10_000;
/** The jobs of one spool directory, for the operator. */
export class JobDatabase implements JobQueue {
  readonly #directory: string;
  readonly #database: DatabaseSync;

  /** @throws Error with a sentence when there is none, or it cannot be read */
  constructor(directory: string) {
    this.#directory = directory;
    const path = join(directory, DATABASE_NAME);
    if (!existsSync(path))
      throw new Error(`${directory}: no spooler has worked here: there is no ${DATABASE_NAME} in it`);
    const sqlite = process.getBuiltinModule('node:sqlite');
    this.#database = new sqlite.DatabaseSync(path, { timeout: BUSY_MS });
    const version = this.#database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== SCHEMA_VERSION)
      throw new Error(
        `${path}: its layout is version ${String(version)}, and this program knows version ${SCHEMA_VERSION}`,
      );
  }

  close(): void {
    this.#database.close();
  }

  async list(): Promise<JobRow[]> {
    const rows = this.#database
      .prepare(
        `SELECT name, state, priority, attempts, spooled, due, reason, length(vars) + coalesce(length(body), 0) AS bytes
         FROM jobs ORDER BY state = 'dead', state = 'waiting', priority, id`,
      )
      .all();
    return rows.map((row) => ({
      place: this.#directory,
      name: String(row['name']),
      state: String(row['state']) as JobState,
      priority: Number(row['priority']) === NO_PRIORITY ? undefined : Number(row['priority']),
      attempts: Number(row['attempts']),
      spooled: Number(row['spooled']),
      due: Number(row['due']),
      bytes: Number(row['bytes']),
      reason: row['reason'] === null ? undefined : String(row['reason']),
    }));
  }

  async content(name: string): Promise<JobContent | undefined> {
    const row = this.#database.prepare('SELECT vars, body FROM jobs WHERE name = ?').get(name);
    if (row === undefined) return undefined;
    const body = row['body'] as Uint8Array | null;
    return {
      vars: decodeVars(Buffer.from(row['vars'] as Uint8Array)),
      body: body === null ? undefined : Buffer.from(body),
    };
  }

  async retry(name: string | undefined): Promise<number> {
    const update = `UPDATE jobs SET state = 'waiting', attempts = 0, due = 0, reason = NULL WHERE `;
    const count =
      name === undefined
        ? this.#run(`${update} state = 'dead'`)
        : this.#run(`${update} name = ? AND state <> 'running'`, name);
    if (count > 0) ringBell(this.#directory);
    return count;
  }

  async drop(name: string | undefined): Promise<number> {
    return name === undefined
      ? this.#run(`DELETE FROM jobs WHERE state = 'dead'`)
      : this.#run(`DELETE FROM jobs WHERE name = ? AND state <> 'running'`, name);
  }

  #run(sql: string, ...values: string[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }
}
