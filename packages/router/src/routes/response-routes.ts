import type { BodyEncoder, Exchange, ResponseFilter, ResponseHead } from '@emperor/http';

import { type CollectedHeader, collectHeader } from './collected-header.ts';
import type { RouteContext } from './route-context.ts';
import type { RuleChain } from './rule-chain.ts';

/** What happens to every answer before its head is sent: headers are collected, then the response rules are asked. */
export class ResponseRoutes implements ResponseFilter {
  readonly #collected: readonly CollectedHeader[];
  readonly #chain: RuleChain;

  constructor(collected: readonly CollectedHeader[], chain: RuleChain) {
    this.#collected = collected;
    this.#chain = chain;
  }

  filterHead(exchange: Exchange, head: ResponseHead): BodyEncoder | undefined {
    for (const collected of this.#collected) collectHeader(collected, exchange, head);
    const context: RouteContext = { exchange, head, match: undefined };
    this.#chain.run(context);
    return undefined;
  }
}
