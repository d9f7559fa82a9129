import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { makeDirectories } from '@emperor/posix';

/** What is older than this decides nothing any more. */
const FORGOTTEN_MS = 24 * 3600 * 1000;

/**
 * Which minutes an instance has looked at, so that it does not run its cron entries again when it is started anew in the same minute.
 * In a file of its own in the state directory of the machine or the user; where none can be written, in memory only.
 */
export class CronMemory {
  readonly #file: string | undefined;
  readonly #seen: Record<string, number>;

  /** @param identity what tells this instance from others: its directory and configuration */
  constructor(identity: string, environment: NodeJS.ProcessEnv = process.env) {
    const directory = findDirectory(environment);
    const name = process
      .getBuiltinModule('node:crypto')
      .createHash('sha256')
      .update(identity)
      .digest('hex')
      .slice(0, 32);
    this.#file = directory === undefined ? undefined : join(directory, `${name}.json`);
    this.#seen = this.#read();
  }

  seen(entry: string): number | undefined {
    return this.#seen[entry];
  }

  /** An entry runs in this minute. On disk when this returns. */
  note(entry: string, minute: number): void {
    this.#seen[entry] = minute;
    if (this.#file === undefined) return;
    try {
      writeFileSync(this.#file, JSON.stringify(this.#seen), { mode: 0o600 });
    } catch {
      // A full disk: at worst an entry runs twice in the minute of a restart.
    }
  }

  #read(): Record<string, number> {
    try {
      return JSON.parse(readFileSync(this.#file ?? '', 'utf8')) as Record<string, number>;
    } catch {
      return {};
    }
  }
}

function findDirectory(environment: NodeJS.ProcessEnv): string | undefined {
  const own = environment['XDG_STATE_HOME'] ?? join(homedir(), '.local/state');
  const parents = [environment['STATE_DIRECTORY']?.split(':')[0], join(own, 'emperor'), '/var/lib/emperor'];
  for (const parent of parents) {
    if (parent === undefined) continue;
    const directory = join(parent, 'cron');
    try {
      makeDirectories(directory, 0o700);
      sweep(directory);
      return directory;
    } catch {
      // Not writable for this user: the next one.
    }
  }
  return undefined;
}

function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (Date.now() - statSync(path).mtimeMs > FORGOTTEN_MS) rmSync(path, { force: true });
  }
}
