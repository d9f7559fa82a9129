import type { Exchange, ResponseHead } from '@emperor/http';

/** What the rules of one chain see of one exchange. */
export interface RouteContext {
  readonly exchange: Exchange;
  /** The answer on its way out; undefined before there is one and after it was sent. */
  readonly head: ResponseHead | undefined;
  /** What the pattern of the current rule matched: its groups are `$1` to `$9`, the whole is `$0`. */
  match: readonly (string | undefined)[] | undefined;
}

/** Status of the answer as far as there is one, else 0. */
export function statusOf({ exchange, head }: RouteContext): number {
  return head?.status ?? exchange.status;
}
