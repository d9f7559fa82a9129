import { Buffer } from 'node:buffer';

import { errorHead, type Exchange, type ExchangeHandler, reasonPhrase, type ResponseFilter } from '@emperor/http';

import { NotFoundHead } from './not-found.ts';

const NOT_FOUND = Buffer.from(reasonPhrase(404));

export interface PipelineSettings {
  /** Asked in order: request routes, static files, cache, proxy, app. */
  readonly handlers: readonly ExchangeHandler[];
  /** Response routes and what else sees every answer. */
  readonly filters: readonly ResponseFilter[];
  /** `add-header`: flat list of names and values. */
  readonly headers: readonly string[];
  /** There is, or should be, an app: it is missed where nobody answers (500, UWSGI-FACTS 4.9). Without one, nothing is there (404). */
  readonly expectsApp: boolean;
  readonly log: (message: string) => void;
}

/** The way of every exchange, whatever listener it came from: the handlers are asked one after the other until one answers. */
export class Pipeline {
  readonly #settings: PipelineSettings;
  /** For each handler, how it hands an exchange on to those behind it. */
  readonly #onwards: readonly ((exchange: Exchange) => void)[];

  constructor(settings: PipelineSettings) {
    this.#settings = settings;
    this.#onwards = settings.handlers.map((_, index) => (exchange) => {
      this.#ask(exchange, index + 1);
    });
  }

  readonly handle = (exchange: Exchange): void => {
    const { filters, headers } = this.#settings;
    for (let i = 0; i < headers.length; i += 2) exchange.addHeader(headers[i] ?? '', headers[i + 1] ?? '');
    for (const filter of filters) exchange.addFilter(filter);
    this.#ask(exchange, 0);
  };

  #ask(exchange: Exchange, first: number): void {
    const { handlers } = this.#settings;
    try {
      for (let i = first; i < handlers.length; i++) {
        if (handlers[i]?.handle(exchange, this.#onwards[i]) === true) return;
      }
      this.#answerUnclaimed(exchange);
    } catch (error) {
      // A fault of ours costs the one request, not the server.
      this.#settings.log(
        `internal error while answering ${exchange.variables.get('REQUEST_URI') ?? ''}: ${describe(error)}`,
      );
      exchange.abort('internal error');
    }
  }

  #answerUnclaimed(exchange: Exchange): void {
    if (!this.#settings.expectsApp) {
      exchange.respond(new NotFoundHead(), NOT_FOUND);
      return;
    }
    this.#settings.log('--- no python application found, check your startup logs for errors ---');
    exchange.respond(errorHead(500), Buffer.from(reasonPhrase(500)));
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
