import { Buffer } from 'node:buffer';

import { errorHead, type Exchange, reasonPhrase, removeHeader, type ResponseHead } from '@emperor/http';

import { editsOf, openEdits } from './answer-edits.ts';
import { parseRawAnswer } from './raw-answer.ts';
import type { RouteContext } from './route-context.ts';

/** A request before anybody has answered it. What is to be done to the answer is noted. */
export class RequestContext implements RouteContext {
  readonly exchange: Exchange;
  readonly mayWait: boolean;
  readonly status = 500;
  match: readonly (string | undefined)[] | undefined;

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

  /** There is no head yet. */
  resetHead(): void {}

  send(bytes: string): void {
    openEdits(this.exchange).prefix += bytes;
  }

  compress(): void {
    openEdits(this.exchange).compresses = true;
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

  /** With something sent before, that is the answer. */
  hangUp(): void {
    const edits = editsOf(this.exchange);
    if (edits !== undefined && edits.prefix !== '') {
      const { head, body } = parseRawAnswer(edits.prefix);
      edits.prefix = '';
      this.exchange.respond(head, body);
      return;
    }
    this.exchange.respond(errorHead(500), Buffer.from(reasonPhrase(500)));
  }
}
