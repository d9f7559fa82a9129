import { Buffer } from 'node:buffer';

import { errorHead, type Exchange, type ExchangeHandler, reasonPhrase } from '@emperor/http';

import { RequestContext } from './request-context.ts';
import { type ChainEnd, LOST_JUMP, type RuleChain } from './rule-chain.ts';

/** The rules every request is asked before anybody else may answer it. */
export class RequestRoutes implements ExchangeHandler {
  readonly #chain: RuleChain;
  readonly #log: (line: string) => void;

  readonly #tracksHeaders: boolean;

  /** @param tracksHeaders some rule takes the answerer's own headers away, so those that rules add must be told from them */
  constructor(chain: RuleChain, log: (line: string) => void, tracksHeaders: boolean) {
    this.#chain = chain;
    this.#log = log;
    this.#tracksHeaders = tracksHeaders;
  }

  /**
   * @param onward takes the exchange to those who come behind these rules, where `handle` has returned true and it turns out later that
   * it is not answered here. Without it nothing waits: slow passwords are hashed on the spot.
   */
  handle(exchange: Exchange, onward?: (exchange: Exchange) => void): boolean {
    const end = this.#chain.run(new RequestContext(exchange, onward !== undefined, this.#tracksHeaders));
    if (typeof end === 'string') return this.#settle(end, exchange);
    end.then(
      (settled) => {
        if (!this.#settle(settled, exchange)) onward?.(exchange);
      },
      (error: unknown) => {
        this.#log(
          `internal error in the routes: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        exchange.abort('internal error');
      },
    );
    return true;
  }

  #settle(end: ChainEnd, exchange: Exchange): boolean {
    if (end === 'lost') {
      this.#log(LOST_JUMP);
      exchange.respond(errorHead(500), Buffer.from(reasonPhrase(500)));
    }
    return end !== 'leave';
  }
}
