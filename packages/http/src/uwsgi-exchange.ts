import { KEEPALIVE_HEADER } from '@emperor/protocol';

import { BaseExchange, type SentHead } from './base-exchange.ts';
import { LAST_CHUNK, sendChunk } from './chunked.ts';
import type { ListenerDescription, RequestBody, ResponseFilter, ResponseHead, ResponseObserver } from './exchange.ts';
import { findHeader } from './response-head.ts';
import type { Variables } from './variables.ts';

/** What an exchange needs of its uwsgi connection. */
export interface UwsgiPeer {
  readonly pendingBytes: number;
  /** What the router that keeps its connections has sent, where the connection can go on after this answer. */
  keepaliveToken(): string | undefined;
  /** What the client sends from now on belongs to no request any more. */
  switchProtocols(): RequestBody;
  send(bytes: Uint8Array | string): boolean;
  cork(): void;
  uncork(): void;
  exchangeFinished(exchange: UwsgiExchange, outcome: Outcome): void;
  complain(exchange: UwsgiExchange, message: string): void;
}

/** What becomes of the connection. */
export type Outcome = 'persist' | 'close' | 'reset';

/** What may stand at the start of a status line. */
const PROTOCOL = /^HTTP\/[0-9](?:\.[0-9])?$/;
const NO_FILTERS: readonly ResponseFilter[] = [];

/**
 * One request over the uwsgi protocol. The answer is raw HTTP without any framing of ours, its end is the end of the connection
 * (UWSGI-FACTS 12.1); unless the client is our own router, which keeps its connections.
 */
export class UwsgiExchange extends BaseExchange {
  readonly body: RequestBody;
  protected readonly isHead: boolean;
  protected readonly protocol: string;
  protected readonly listenerFilters: readonly ResponseFilter[] = NO_FILTERS;
  readonly #peer: UwsgiPeer;
  #outcome: Outcome = 'close';
  #chunked = false;

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

  /** The client is a server that passes on what its own client has offered: nginx and routers do, and take the 101 that answers it. */
  get upgrade(): string | undefined {
    return this.protocol === 'HTTP/1.1' && this.body.length === 0 ? this.variables.get('HTTP_UPGRADE') : undefined;
  }

  switchProtocols(head: ResponseHead, observer: ResponseObserver): RequestBody {
    this.#peer.send(this.beginSwitched(head, observer));
    return this.#peer.switchProtocols();
  }

  protected sendHead(sent: SentHead): void {
    this.#peer.send(this.#headText(sent));
  }

  protected sendWhole(sent: SentHead, body: Uint8Array): void {
    this.#peer.cork();
    this.#peer.send(this.#headText(sent));
    if (body.length > 0) this.#peer.send(body);
    this.#peer.uncork();
  }

  protected sendBody(chunk: Uint8Array): boolean {
    return this.#chunked ? sendChunk(this.#peer, chunk) : this.#peer.send(chunk);
  }

  protected finishBody(): void {
    if (this.#chunked) this.#peer.send(LAST_CHUNK);
  }

  protected cut(): void {
    this.#outcome = 'reset';
  }

  protected finished(): void {
    this.#peer.exchangeFinished(this, this.#outcome);
  }

  protected complain(message: string): void {
    this.#peer.complain(this, message);
  }

  #headText({ head, bodyBytes, bodyless }: SentHead): string {
    const { headers } = head;
    let text = `${this.protocol} ${head.status} ${head.reason}\r\n`;
    const token = this.#peer.keepaliveToken();
    // An app that frames its own body cannot be trusted to end where it says.
    if (token !== undefined && findHeader(headers, 'transfer-encoding') === undefined) {
      this.#outcome = 'persist';
      this.#chunked = !bodyless && bodyBytes === undefined;
      text += `${KEEPALIVE_HEADER}: ${token} ${this.#chunked ? 'chunked' : bodyless ? 0 : bodyBytes}\r\n`;
    }
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
    return `${text}\r\n`;
  }
}
