import { Buffer } from 'node:buffer';

import { type BodyEncoder, type Exchange, removeHeader, reasonPhrase, type ResponseHead } from '@emperor/http';

import { PrefixedBody, ReplacedBody } from './body-replacement.ts';
import type { RouteContext } from './route-context.ts';

const NO_BODY = Buffer.alloc(0);

/** An answer on its way out: its head is changed in place, its body can be replaced. */
export class ResponseContext implements RouteContext {
  readonly exchange: Exchange;
  readonly mayWait = false;
  match: readonly (string | undefined)[] | undefined;
  /** Somebody wants the body compressed. */
  compresses: boolean;
  readonly #head: ResponseHead;
  #prefix: string;
  #replacement: Buffer | undefined;

  constructor(exchange: Exchange, head: ResponseHead, prefix: string, compresses: boolean) {
    this.exchange = exchange;
    this.#head = head;
    this.#prefix = prefix;
    this.compresses = compresses;
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
    removeHeader(this.#head.headers, name.toLowerCase());
  }

  resetHead(status: number | undefined, reason: string | undefined): void {
    const head = this.#head;
    head.headers.length = 0;
    if (status === undefined) return;
    head.status = status;
    head.reason = reason ?? reasonPhrase(status);
  }

  send(bytes: string): void {
    this.#prefix += bytes;
  }

  compress(): void {
    this.compresses = true;
  }

  answer(head: ResponseHead, body: Buffer): void {
    this.#head.status = head.status;
    this.#head.reason = head.reason;
    this.#head.headers.splice(0, Infinity, ...head.headers);
    this.#replacement = body;
  }

  /** The head goes out, what was sent before is its body. */
  hangUp(): void {
    this.removeHeader('content-length');
    this.removeHeader('content-encoding');
    this.#replacement = NO_BODY;
  }
}
