import type { BodyEncoder, Exchange, ResponseFilter, ResponseHead } from '@emperor/http';

import { editsOf } from './answer-edits.ts';
import { type CollectedHeader, collectHeader } from './collected-header.ts';
import { ResponseContext } from './response-context.ts';
import type { RouteSettings } from './route-settings.ts';
import { LOST_JUMP, type RuleChain } from './rule-chain.ts';

/**
 * What happens to every answer before its head is sent: what request rules asked for, then headers are collected, then the error rules
 * are asked, then the response rules. As in uWSGI the error rules are asked about good answers too: `error-route-status` chooses.
 */
export class ResponseRoutes implements ResponseFilter {
  readonly #collected: readonly CollectedHeader[];
  readonly #errorChain: RuleChain;
  readonly #responseChain: RuleChain;
  readonly #log: (line: string) => void;
  readonly #addedLines: number;

  constructor(
    collected: readonly CollectedHeader[],
    errorChain: RuleChain,
    responseChain: RuleChain,
    { log, addedHeaders }: RouteSettings,
  ) {
    this.#collected = collected;
    this.#errorChain = errorChain;
    this.#responseChain = responseChain;
    this.#log = log;
    this.#addedLines = addedHeaders;
  }

  filterHead(exchange: Exchange, head: ResponseHead): BodyEncoder | undefined {
    const edits = editsOf(exchange);
    const context = new ResponseContext(exchange, head, this.#addedLines + (edits?.addedLines ?? 0), edits);
    for (const collected of this.#collected) collectHeader(collected, context, head);
    this.#run(this.#errorChain, context);
    this.#run(this.#responseChain, context);
    return context.bodyEncoder;
  }

  /** A jump that leads nowhere leaves the answer as it is by then. */
  #run(chain: RuleChain, context: ResponseContext): void {
    if (chain.runNow(context) === 'lost') this.#log(LOST_JUMP);
  }
}
