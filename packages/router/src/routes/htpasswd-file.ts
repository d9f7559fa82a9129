import { readFileSync, statSync } from 'node:fs';

/** A file of lines `USER:HASH`, read again whenever it has changed. The first line of a user counts. */
export class HtpasswdFile {
  readonly #path: string;
  readonly #log: (line: string) => void;
  #hashes: ReadonlyMap<string, string> = new Map();
  #seen = '';
  #complained = false;

  constructor(path: string, log: (line: string) => void) {
    this.#path = path;
    this.#log = log;
  }

  /** @returns undefined for a user who is not in the file, and for all users while the file cannot be read */
  hashOf(user: string): string | undefined {
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#path);
      const seen = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (seen !== this.#seen) {
        this.#hashes = parse(readFileSync(this.#path, 'latin1'));
        this.#seen = seen;
      }
      this.#complained = false;
    } catch (error) {
      this.#hashes = new Map();
      this.#seen = '';
      if (!this.#complained) this.#log(`[uwsgi-route] nobody can log in: ${(error as Error).message}`);
      this.#complained = true;
    }
    return this.#hashes.get(user);
  }
}

function parse(text: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [user = '', hash = ''] = line.trim().split(':');
    if (user !== '' && hash !== '' && !user.startsWith('#') && !hashes.has(user)) hashes.set(user, hash);
  }
  return hashes;
}
