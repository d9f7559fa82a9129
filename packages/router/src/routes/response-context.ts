import { Buffer } from 'node:buffer';

import { type BodyEncoder, type Exchange, reasonPhrase, type ResponseHead } from '@emperor/http';

import type { AnswerEdits } from './answer-edits.ts';
import { COMPRESSING } from './compressing-filter.ts';
import { PrefixedBody, ReplacedBody } from './body-replacement.ts';
import type { RouteContext } from './route-context.ts';

const NO_BODY = Buffer.alloc(0);

/**
 * An answer on its way out: its head is changed in place, its body can be replaced. As in uWSGI the lines that rules and `add-header`
 * add are kept when the answerer's own are dropped or replaced.
 */
export class ResponseContext implements RouteContext {
  readonly exchange: Exchange;
  readonly mayWait = false;
  match: readonly (string | undefined)[] | undefined;
  directory: string | undefined;
  readonly #head: ResponseHead;
  /** Length of the answerer's own part of the flat list of headers. */
  #ownLength: number;
  #prefix: string;
  #replacement: Buffer | undefined;

  /** @param addedLines header lines at the end that are not the answerer's own */
  constructor(exchange: Exchange, head: ResponseHead, addedLines: number, edits: AnswerEdits | undefined) {
    this.exchange = exchange;
    this.#head = head;
    this.#ownLength = Math.max(head.headers.length - 2 * addedLines, 0);
    this.#prefix = edits?.prefix ?? '';
    if (edits !== undefined) for (const name of edits.removed) this.#remove(name, this.#ownLength);
  }

  get status(): number {
    return this.#head.status;
  }

  /** What changes the body; undefined while it is the answerer's own. */
  get bodyEncoder(): BodyEncoder | undefined {
    if (this.#replacement !== undefined) {
      return new ReplacedBody(Buffer.concat([Buffer.from(this.#prefix, 'latin1'), this.#replacement]));
    }
    return this.#prefix === '' ? undefined : new PrefixedBody(this.#prefix);
  }

  addHeader(name: string, value: string): void {
    this.#head.headers.push(name, value);
  }

  removeHeader(name: string): void {
    this.#remove(name.toLowerCase(), this.#head.headers.length);
  }

  resetHead(status: number | undefined, reason: string | undefined): void {
    const head = this.#head;
    this.#setOwnHeaders([]);
    if (status === undefined) return;
    head.status = status;
    head.reason = reason ?? reasonPhrase(status);
  }

  send(bytes: string): void {
    this.#prefix += bytes;
  }

  compress(): void {
    // Behind what changes the body.
    this.exchange.addFilter(COMPRESSING);
  }

  answer(head: ResponseHead, body: Buffer): void {
    this.#head.status = head.status;
    this.#head.reason = head.reason;
    this.#setOwnHeaders(head.headers);
    this.#replacement = body;
  }

  /** The head goes out, what was sent before is its body. */
  hangUp(): void {
    this.removeHeader('content-length');
    this.removeHeader('content-encoding');
    this.#replacement = NO_BODY;
  }

  #setOwnHeaders(headers: readonly string[]): void {
    this.#head.headers.splice(0, this.#ownLength, ...headers);
    this.#ownLength = headers.length;
  }

  /** Drops the lines of that lower-case name from the first `length` elements of the list. */
  #remove(lowerName: string, length: number): void {
    const { headers } = this.#head;
    for (let i = length - 2; i >= 0; i -= 2) {
      if (headers[i]?.toLowerCase() !== lowerName) continue;
      headers.splice(i, 2);
      if (i < this.#ownLength) this.#ownLength -= 2;
    }
  }
}
