import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { until } from './until.ts';

export interface LoadOptions {
  readonly port: number;
  readonly path?: string;
  /** How many clients ask at the same time. Each asks again as soon as it has its answer. */
  readonly clients?: number;
  /** Keep connections open between requests. */
  readonly keepAlive?: boolean;
  /** Time each client takes between an answer and its next request. */
  readonly pauseMs?: number;
}

/**
 * Clients that ask for the same page over and over and count what they get. It is node:http that reads the answers: what it accepts is well-formed.
 */
export class Load implements AsyncDisposable {
  /** Answers by status. */
  readonly answers: Map<number, number> = new Map();
  /** Requests without an answer, by what went wrong (`ECONNREFUSED`, …). */
  readonly failures: Map<string, number> = new Map();
  /** The longest time between two answers of status 200, in milliseconds. */
  longestGapMs = 0;
  readonly #options: Required<LoadOptions>;
  readonly #agent: Agent;
  readonly #clients: readonly Promise<void>[];
  #lastGoodAt = performance.now();
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = { path: '/', clients: 4, keepAlive: false, pauseMs: 0, ...options };
    this.#agent = new Agent({ keepAlive: this.#options.keepAlive });
    this.#clients = Array.from({ length: this.#options.clients }, () => this.#keepAsking());
  }

  get good(): number {
    return this.answers.get(200) ?? 0;
  }

  /** Everything that was not a 200, answered or not. */
  get bad(): number {
    return [...this.answers.values(), ...this.failures.values()].reduce((sum, count) => sum + count, 0) - this.good;
  }

  /** Waits for this many good answers from now on. */
  async more(count: number): Promise<void> {
    const enough = this.good + count;
    await until(`${count} more good answers have come (${this.summary()})`, () => this.good >= enough);
  }

  /** Waits for the answers still under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  summary(): string {
    const parts = [...this.answers, ...this.failures].map(([what, count]) => `${count} x ${what}`);
    return `${parts.join(', ')}; longest gap ${Math.round(this.longestGapMs)} ms`;
  }

  async #keepAsking(): Promise<void> {
    while (!this.#stopping) {
      try {
        this.#count(this.answers, await this.#ask());
      } catch (error) {
        this.#count(this.failures, (error as NodeJS.ErrnoException).code ?? String(error));
        // A refused connection fails at once: without a turn of the loop for others this would spin.
        await new Promise(setImmediate);
      }
      if (this.#options.pauseMs > 0) await pause(this.#options.pauseMs);
    }
  }

  #ask(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const { port, path } = this.#options;
    const asked = request({ host: '127.0.0.1', port, path, agent: this.#agent }, (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    asked.on('error', reject);
    asked.end();
    return promise;
  }

  #count<Key>(counts: Map<Key, number>, key: Key): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (key !== 200) return;
    const now = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, now - this.#lastGoodAt);
    this.#lastGoodAt = now;
  }
}
