import type { Redis } from 'ioredis';

/** Changes that could not be told to the server and have to be made good; with more of them everything is removed. */
const MOST_DEBTS = 1000;

/** How a cache gets on with a server that goes away and comes back. */
export class RedisLink {
  readonly #name: string;
  readonly #client: Redis;
  readonly #log: (line: string) => void;
  readonly #remove: (key: string | undefined) => Promise<unknown>;
  #isLost = false;
  /** Keys whose change did not reach the server: what is there is too old. `all` when there are too many to remember. */
  #debts: Set<string> | 'all' = new Set();

  /** @param remove takes a key from the server; undefined: all of them */
  constructor(
    name: string,
    client: Redis,
    log: (line: string) => void,
    remove: (key: string | undefined) => Promise<unknown>,
  ) {
    this.#name = name;
    this.#client = client;
    this.#log = log;
    this.#remove = remove;
    client.on('error', (error: Error) => this.#lost(error));
    client.on('ready', () => this.#found());
  }

  /** A change that does not reach the server is made good as soon as that is there again, before anything is read from it. */
  async change(key: string | undefined, run: () => Promise<boolean>): Promise<boolean> {
    let reached = false;
    const done = await this.attempt(
      'write',
      async () => {
        const result = await run();
        reached = true;
        return result;
      },
      false,
    );
    if (!reached) this.#owe(key);
    return done;
  }

  #owe(key: string | undefined): void {
    if (this.#debts === 'all') return;
    if (key === undefined || this.#debts.size >= MOST_DEBTS) this.#debts = 'all';
    else this.#debts.add(key);
  }

  async #payDebts(): Promise<void> {
    const debts = this.#debts;
    if (debts === 'all') await this.#remove(undefined);
    else for (const key of debts) await this.#remove(key);
    this.#debts = new Set();
  }

  /** Asks the server something, when what is due was paid. A server that is away, or does not answer, is told once. */
  async attempt<T>(what: string, run: () => Promise<T>, otherwise: T): Promise<T> {
    if (this.#client.status !== 'ready') return otherwise;
    try {
      if (this.#debts === 'all' || this.#debts.size > 0) await this.#payDebts();
      return await run();
    } catch (error) {
      this.#lost(error instanceof Error ? error : new Error(`could not ${what}`));
      return otherwise;
    }
  }

  /** Said once. */
  #lost(error: Error): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#log(`[cache] lost the server of "${this.#name}": ${error.message}; until it is back nothing is cached there`);
  }

  #found(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#log(`[cache] the server of "${this.#name}" is back`);
  }
}
