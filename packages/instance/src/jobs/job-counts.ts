import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ControlJobs } from '@emperor/protocol';

/** Described in emperor_worker/job_store.py, which makes it. */
const DATABASE_NAME = 'jobs.sqlite';

/**
 * How many jobs there are in a directory of a spooler. Readers of its database wait for nobody.
 * @returns undefined where that cannot be said: a Redis is asked with `vassal jobs URL`, a damaged file is a matter for the log
 */
export function countJobs(place: string): ControlJobs | undefined {
  const path = join(place, DATABASE_NAME);
  if (!existsSync(path)) return undefined;
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare('SELECT state, count(*) AS jobs FROM jobs GROUP BY state').all();
    const count = (state: string): number => Number(rows.find((row) => row['state'] === state)?.['jobs'] ?? 0);
    return { place, waiting: count('waiting'), running: count('running'), dead: count('dead') };
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}
