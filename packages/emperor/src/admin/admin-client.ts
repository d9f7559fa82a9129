import { request } from 'node:http';

import { EmperorError } from '../emperor-error.ts';
import type { EmperorStatus } from './admin-server.ts';
import type { Outcome, Verb } from './operations.ts';

/** The other end of `AdminServer`: what commands speak with a running emperor through. */
export class AdminClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws EmperorError when there is no emperor to ask */
  async status(): Promise<EmperorStatus> {
    return (await this.#ask('GET', '/status')) as EmperorStatus;
  }

  /** @throws EmperorError when there is no emperor, or no such vassal */
  async perform(verb: Verb, vassal: string): Promise<Outcome> {
    return (await this.#ask('POST', `/vassals/${encodeURIComponent(vassal)}/${verb}`)) as Outcome;
  }

  async #ask(method: string, path: string): Promise<object> {
    const { status, text } = await this.#exchange(method, path);
    const answer = JSON.parse(text) as { readonly error?: string };
    if (status !== 200) throw new EmperorError(answer.error ?? `the emperor answers with status ${status}`);
    return answer;
  }

  #exchange(method: string, path: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socketPath, method, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', (error) => reject(this.#unreachable(error)));
      });
      asked.on('error', (error) => reject(this.#unreachable(error)));
      asked.end();
    });
  }

  #unreachable(error: NodeJS.ErrnoException): EmperorError {
    const what = `could not reach an emperor at "${this.#socketPath}"`;
    const why =
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
        ? 'none runs with this runtime directory; name that of the emperor with --runtime-dir'
        : error.code === 'EACCES'
          ? 'only the user who runs it, and root, may command it'
          : error.message;
    return new EmperorError(`${what}: ${why}`, { cause: error });
  }
}
