import type { Exchange, ResponseHead } from '@emperor/http';

/** What request rules want done to the answer, whoever gives it. */
export interface AnswerEdits {
  /** Lower-case names of headers the answerer's own lines of which are dropped. */
  readonly removed: string[];
  /** Header lines that request rules have added: the exchange puts them behind the answerer's own. */
  addedLines: number;
  /** Head of the answer that rules make by themselves (`clearheaders:` and `send:`). */
  head: ResponseHead | undefined;
  /** Goes in front of the body. */
  prefix: string;
  /** Of the rules so far: one has had the answer compressed. */
  compresses: boolean;
}

/** Few requests have any, so they are not a part of the exchange. */
const edits = new WeakMap<Exchange, AnswerEdits>();

/** The edits of an exchange, to be filled in. */
export function openEdits(exchange: Exchange): AnswerEdits {
  let open = edits.get(exchange);
  if (open === undefined) {
    open = { removed: [], addedLines: 0, head: undefined, prefix: '', compresses: false };
    edits.set(exchange, open);
  }
  return open;
}

/** The edits of an exchange, to be carried out. */
export function editsOf(exchange: Exchange): AnswerEdits | undefined {
  return edits.get(exchange);
}
