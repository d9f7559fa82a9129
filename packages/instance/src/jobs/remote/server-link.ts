import { once } from 'node:events';
import { getSystemErrorMessage } from 'node:util';

import { Redis } from 'ioredis';

/** A server that has not answered for so long is taken for dead. */
const ANSWER_MS = 10_000;

/** A connection to a Redis or Valkey that knows what is wrong with it. */
export class ServerLink {
  readonly client: Redis;
  readonly #address: string;
  #problem = 'no connection';

  /** @param waits keep commands for when the server is back, instead of failing them */
  constructor(url: string, waits: boolean) {
    const { hostname, port } = new URL(url);
    this.#address = `${hostname || '127.0.0.1'}:${port || 6379}`;
    this.client = new Redis(
      url,
      waits ? { maxRetriesPerRequest: null } : { maxRetriesPerRequest: 1, commandTimeout: ANSWER_MS },
    );
    this.client.on('error', (error) => {
      this.#problem = sentence(error);
    });
  }

  /** Waits for a connection that is being made. @throws Error when it fails: whoever asks is not kept until the server is back */
  async connected(): Promise<void> {
    if (this.client.status === 'ready') return;
    await once(this.client, 'ready', { signal: AbortSignal.timeout(ANSWER_MS) });
  }

  /** In words what is wrong with the server after a command has failed so. */
  describe(error: unknown): string {
    const message = error instanceof Error ? sentence(error) : String(error);
    // ioredis only counts attempts there; why they failed it has said before.
    const isSymptom = /max retries per request|Connection is closed|isn't writeable/.test(message);
    return `${this.#address}: ${isSymptom ? this.#problem : message}`;
  }

  close(): void {
    this.client.disconnect();
  }
}

function sentence(error: NodeJS.ErrnoException): string {
  return error.errno === undefined ? error.message : getSystemErrorMessage(error.errno);
}
