import { Buffer } from 'node:buffer';

import { BaseExchange, type SentHead } from './base-exchange.ts';
import type { ListenerDescription, RequestBody, ResponseFilter } from './exchange.ts';
import type { Variables } from './variables.ts';

/** What an exchange needs of its uwsgi connection. */
export interface UwsgiPeer {
  readonly pendingBytes: number;
  send(bytes: Uint8Array | string): boolean;
  exchangeFinished(exchange: UwsgiExchange, complete: boolean): void;
  complain(exchange: UwsgiExchange, message: string): void;
}

/** What may stand at the start of a status line. */
const PROTOCOL = /^HTTP\/[0-9](?:\.[0-9])?$/;
const NO_FILTERS: readonly ResponseFilter[] = [];

/** One request over the uwsgi protocol. The answer is raw HTTP without any framing of ours: its end is the end of the connection (UWSGI-FACTS 12.1). */
export class UwsgiExchange extends BaseExchange {
  readonly body: RequestBody;
  protected readonly isHead: boolean;
  protected readonly protocol: string;
  protected readonly listenerFilters: readonly ResponseFilter[] = NO_FILTERS;
  readonly #peer: UwsgiPeer;
  #complete = true;

  constructor(listener: ListenerDescription, variables: Variables, body: RequestBody, peer: UwsgiPeer) {
    super(listener, variables);
    this.body = body;
    this.isHead = variables.get('REQUEST_METHOD') === 'HEAD';
    const protocol = variables.get('SERVER_PROTOCOL') ?? '';
    this.protocol = PROTOCOL.test(protocol) ? protocol : 'HTTP/1.0';
    this.#peer = peer;
  }

  protected get unsentBytes(): number {
    return this.#peer.pendingBytes;
  }

  protected sendHead(sent: SentHead): void {
    this.#peer.send(this.#headText(sent));
  }

  protected sendWhole(sent: SentHead, body: Uint8Array): void {
    const text = this.#headText(sent);
    const bytes = Buffer.allocUnsafe(text.length + body.length);
    bytes.write(text, 'latin1');
    bytes.set(body, text.length);
    this.#peer.send(bytes);
  }

  protected sendBody(chunk: Uint8Array): boolean {
    return this.#peer.send(chunk);
  }

  protected finishBody(): void {}

  protected cut(): void {
    this.#complete = false;
  }

  protected finished(): void {
    this.#peer.exchangeFinished(this, this.#complete);
  }

  protected complain(message: string): void {
    this.#peer.complain(this, message);
  }

  #headText({ head }: SentHead): string {
    const { headers } = head;
    let text = `${this.protocol} ${head.status} ${head.reason}\r\n`;
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
    return `${text}\r\n`;
  }
}
