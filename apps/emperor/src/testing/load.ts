import { Agent, request } from 'node:http';

const PATIENCE_MS = 20_000;

/** A client that asks over a UNIX socket, one request after the other, and counts. */
export class Load {
  readonly failures: string[] = [];
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #running: Promise<void>;
  #answered = 0;
  #stopped = false;
  #waiting: { readonly until: number; readonly tell: () => void } | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
    this.#running = this.#run();
  }

  /** Ends when so many more requests have been answered. */
  answers(count: number): Promise<void> {
    return new Promise((tell) => (this.#waiting = { until: this.#answered + count, tell }));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const problem = await this.#ask();
      if (problem !== undefined) this.failures.push(problem);
      this.#answered += 1;
      if (this.#waiting === undefined || this.#answered < this.#waiting.until) continue;
      this.#waiting.tell();
      this.#waiting = undefined;
    }
  }

  #ask(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const asked = request({ socketPath: this.#socketPath, path: `/?${this.#answered}`, agent: this.#agent });
      asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error('no answer')));
      asked.on('error', (error) => resolve(error.message));
      asked.on('response', (response) => {
        response.resume();
        response.on('error', (error) => resolve(error.message));
        response.on('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
      });
      asked.end();
    });
  }
}

/** The status of one answer. */
export function statusOf(socketPath: string, path = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}
