import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** The file and its columns are described in emperor_worker/job_store.py, which makes it. */
const DATABASE_NAME = 'jobs.sqlite';
/** Version of the layout that is understood here. */
const SCHEMA_VERSION = 1;
/** Time a write of a spooler may take. */
const BUSY_MS = 10_000;
/** Priority of jobs that have none. */
const NO_PRIORITY = 2 ** 40;

export type JobState = 'waiting' | 'running' | 'dead';

/** A job as an operator sees it. Times are Unix times in seconds. */
export interface JobRow {
  readonly directory: string;
  readonly name: string;
  readonly state: JobState;
  readonly priority: number | undefined;
  readonly attempts: number;
  readonly spooled: number;
  /** Not before. */
  readonly due: number;
  readonly bytes: number;
  /** Why the last attempt failed. */
  readonly reason: string | undefined;
}

/** The jobs of one spool directory, for the operator. */
export class JobDatabase {
  readonly directory: string;
  readonly #database: DatabaseSync;

  /** @throws Error with a sentence when there is none, or it cannot be read */
  constructor(directory: string) {
    this.directory = directory;
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

  /** All jobs: those that run, those that wait in their order, those that were given up. */
  list(): JobRow[] {
    const rows = this.#database
      .prepare(
        `SELECT name, state, priority, attempts, spooled, due, reason, length(vars) + coalesce(length(body), 0) AS bytes
         FROM jobs ORDER BY state = 'dead', state = 'waiting', priority, id`,
      )
      .all();
    return rows.map((row) => ({
      directory: this.directory,
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

  /** Keys and values of a job, and its body; undefined when there is no such job. */
  content(name: string): { vars: ReadonlyMap<string, Buffer>; body: Buffer | undefined } | undefined {
    const row = this.#database.prepare('SELECT vars, body FROM jobs WHERE name = ?').get(name);
    if (row === undefined) return undefined;
    const body = row['body'] as Uint8Array | null;
    return {
      vars: decodeVars(Buffer.from(row['vars'] as Uint8Array)),
      body: body === null ? undefined : Buffer.from(body),
    };
  }

  /**
   * Has jobs that failed run again, as if for the first time, at the next look of a spooler.
   * @param name a job that is given up or waits; undefined: all that are given up
   * @returns how many
   */
  retry(name: string | undefined): number {
    const update = `UPDATE jobs SET state = 'waiting', attempts = 0, due = 0, reason = NULL WHERE `;
    return name === undefined
      ? this.#run(`${update} state = 'dead'`)
      : this.#run(`${update} name = ? AND state <> 'running'`, name);
  }

  /**
   * Removes jobs.
   * @param name a job that does not run; undefined: all that are given up
   * @returns how many
   */
  drop(name: string | undefined): number {
    return name === undefined
      ? this.#run(`DELETE FROM jobs WHERE state = 'dead'`)
      : this.#run(`DELETE FROM jobs WHERE name = ? AND state <> 'running'`, name);
  }

  #run(sql: string, ...values: string[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }
}

/** Pairs of u32 lengths, key, value. */
function decodeVars(packed: Buffer): Map<string, Buffer> {
  const vars = new Map<string, Buffer>();
  for (let at = 0; at < packed.length;) {
    const keyEnd = at + 8 + packed.readUInt32LE(at);
    const valueEnd = keyEnd + packed.readUInt32LE(at + 4);
    vars.set(packed.toString('utf8', at + 8, keyEnd), packed.subarray(keyEnd, valueEnd));
    at = valueEnd;
  }
  return vars;
}
