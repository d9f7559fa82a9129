import type { ResponseHead } from '@emperor/http';

/** Heads whose body a filter changes already: an answer has one encoder. */
const claimed = new WeakSet<ResponseHead>();

/** Said by a filter that changes the body of an answer. */
export function claimBody(head: ResponseHead): void {
  claimed.add(head);
}

export function isBodyClaimed(head: ResponseHead): boolean {
  return claimed.has(head);
}
