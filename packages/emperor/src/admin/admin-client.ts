import type { IncomingMessage } from 'node:http';

import { EmperorError } from '../emperor-error.ts';
import { request } from '../node-http.ts';
import type { EmperorStatus, UpgradeAnswer, VassalPage } from './admin-api.ts';
import type { Outcome, Verb } from './operations.ts';
import type { EventLine } from './recent-events.ts';

/** Which lines of a log are asked for. */
export interface LinesWanted {
  /** What vassals wrote, or what happened to them. */
  readonly kind: 'output' | 'events';
  /** Undefined: all vassals. */
  readonly vassal: string | undefined;
  /** Of the past. */
  readonly count: number;
  /** Go on with what comes. */
  readonly follow: boolean;
}

/** Lines that a slow reader has missed. */
export interface SkippedLines {
  readonly skipped: number;
}

/** The other end of `AdminServer`: what commands speak with a running emperor through. Everything throws EmperorError when there is none. */
export class AdminClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async status(): Promise<EmperorStatus> {
    return (await this.#ask('GET', '/status')) as EmperorStatus;
  }

  /** @throws EmperorError when there is no such vassal, too */
  async vassal(name: string): Promise<VassalPage> {
    return (await this.#ask('GET', `/vassals/${encodeURIComponent(name)}`)) as VassalPage;
  }

  /** @throws EmperorError when there is no such vassal, too */
  async perform(verb: Verb, vassal: string): Promise<Outcome> {
    return (await this.#ask('POST', `/vassals/${encodeURIComponent(vassal)}/${verb}`)) as Outcome;
  }

  /** Ends when the next emperor takes over. @throws EmperorError when there is no next one to come */
  async upgrade(): Promise<void> {
    const { problem } = (await this.#ask('POST', '/upgrade')) as UpgradeAnswer;
    if (problem !== undefined) throw new EmperorError(`the emperor goes on as it is: ${problem}`);
  }

  async untilReady(vassal: string, seconds: number): Promise<Outcome> {
    return (await this.#ask('GET', `/vassals/${encodeURIComponent(vassal)}/ready?seconds=${seconds}`)) as Outcome;
  }

  /** Ends with the emperor, or with what there is when nothing is followed. */
  async *lines({ kind, vassal, count, follow }: LinesWanted): AsyncGenerator<EventLine | SkippedLines> {
    const query = new URLSearchParams({ count: String(count) });
    if (vassal !== undefined) query.set('vassal', vassal);
    if (follow) query.set('follow', '1');
    const response = await this.#request('GET', `/${kind}?${query.toString()}`);
    let rest = '';
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) {
        const lines = `${rest}${chunk as string}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as EventLine | SkippedLines;
      }
    } catch (error) {
      // The emperor has gone: that is an end too.
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }

  async #ask(method: string, path: string): Promise<object> {
    const response = await this.#request(method, path);
    let text = '';
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) text += chunk as string;
    } catch (error) {
      throw this.#unreachable(error as NodeJS.ErrnoException);
    }
    const answer = JSON.parse(text) as { readonly error?: string };
    if (response.statusCode === 200) return answer;
    throw new EmperorError(answer.error ?? `the emperor answers with status ${response.statusCode}`);
  }

  #request(method: string, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socketPath, method, path, agent: false }, resolve);
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
