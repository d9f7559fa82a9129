import { Buffer } from 'node:buffer';

import { type Exchange, reasonPhrase, removeHeader, type ResponseHead } from '@emperor/http';

import { editsOf, openEdits } from './answer-edits.ts';
import { COMPRESSING } from './compressing-filter.ts';
import { parseRawAnswer } from './raw-answer.ts';
import type { RouteContext } from './route-context.ts';

/** A request before anybody has answered it. What is to be done to the answer is noted. */
export class RequestContext implements RouteContext {
  readonly exchange: Exchange;
  readonly mayWait: boolean;
  readonly status = 500;
  match: readonly (string | undefined)[] | undefined;
  directory: string | undefined;

  readonly #tracksHeaders: boolean;

  constructor(exchange: Exchange, mayWait: boolean, tracksHeaders: boolean) {
    this.exchange = exchange;
    this.mayWait = mayWait;
    this.#tracksHeaders = tracksHeaders;
  }

  addHeader(name: string, value: string): void {
    this.exchange.addHeader(name, value);
    if (this.#tracksHeaders) openEdits(this.exchange).addedLines += 1;
  }

  removeHeader(name: string): void {
    openEdits(this.exchange).removed.push(name.toLowerCase());
  }

  resetHead(status: number | undefined, reason: string | undefined): void {
    if (status === undefined) return;
    openEdits(this.exchange).head = { status, reason: reason ?? reasonPhrase(status), headers: [] };
  }

  send(bytes: string): void {
    openEdits(this.exchange).prefix += bytes;
  }

  compress(): void {
    openEdits(this.exchange).compresses = true;
    this.exchange.addFilter(COMPRESSING);
  }

  /** What was sent before goes in front of the body. */
  answer(head: ResponseHead, body: Buffer): void {
    const edits = editsOf(this.exchange);
    if (edits === undefined || edits.prefix === '') {
      this.exchange.respond(head, body);
      return;
    }
    const whole = Buffer.concat([Buffer.from(edits.prefix, 'latin1'), body]);
    edits.prefix = '';
    removeHeader(head.headers, 'content-length');
    this.exchange.respond(head, whole);
  }

  /** What rules have made before is the answer. */
  hangUp(): void {
    const edits = editsOf(this.exchange);
    const sent = edits?.prefix ?? '';
    if (edits !== undefined) edits.prefix = '';
    if (edits?.head !== undefined) {
      this.exchange.respond(edits.head, Buffer.from(sent, 'latin1'));
    } else if (sent !== '') {
      const { head, body } = parseRawAnswer(sent);
      this.exchange.respond(head, body);
    } else {
      this.exchange.hangUp();
    }
  }
}
