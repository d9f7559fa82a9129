import type { Exchange } from '@emperor/http';

/** What request rules want done to the answer, whoever gives it. */
export interface AnswerEdits {
  /** Lower-case names of headers the answerer's own lines of which are dropped. */
  readonly removed: string[];
  /** Lower-case names of the headers that request rules have added: those stay. */
  readonly added: string[];
  /** Goes in front of the body. */
  prefix: string;
  compresses: boolean;
}

/** Few requests have any, so they are not a part of the exchange. */
const edits = new WeakMap<Exchange, AnswerEdits>();

/** The edits of an exchange, to be filled in. */
export function openEdits(exchange: Exchange): AnswerEdits {
  let open = edits.get(exchange);
  if (open === undefined) {
    open = { removed: [], added: [], prefix: '', compresses: false };
    edits.set(exchange, open);
  }
  return open;
}

/** The edits of an exchange, to be carried out. */
export function editsOf(exchange: Exchange): AnswerEdits | undefined {
  return edits.get(exchange);
}

/**
 * Drops the lines of the removed headers from a flat list, except for the last ones, which request rules have put there: those are
 * behind the answerer's.
 */
export function removeOwnHeaders(headers: string[], { removed, added }: AnswerEdits): void {
  for (const name of removed) {
    let kept = added.filter((other) => other === name).length;
    for (let i = headers.length - 2; i >= 0; i -= 2) {
      if (headers[i]?.toLowerCase() !== name) continue;
      if (kept > 0) kept -= 1;
      else headers.splice(i, 2);
    }
  }
}
