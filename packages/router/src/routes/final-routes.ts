import type { Exchange } from '@emperor/http';

import type { RouteContext } from './route-context.ts';
import type { RuleChain } from './rule-chain.ts';

/** An exchange that is over: nothing can be done to its answer. */
class FinalContext implements RouteContext {
  readonly exchange: Exchange;
  readonly mayWait = false;
  match: readonly (string | undefined)[] | undefined;
  directory: string | undefined;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  get status(): number {
    return this.exchange.status === 0 ? 500 : this.exchange.status;
  }

  addHeader(): void {}
  removeHeader(): void {}
  resetHead(): void {}
  send(): void {}
  compress(): void {}
  answer(): void {}
  hangUp(): void {}
}

/** The rules asked when an exchange is over, before it is logged. */
export class FinalRoutes {
  readonly #chain: RuleChain;

  constructor(chain: RuleChain) {
    this.#chain = chain;
  }

  readonly finished = (exchange: Exchange): void => {
    this.#chain.runNow(new FinalContext(exchange));
  };
}
