import { BaseExchange, type SentHead } from './base-exchange.ts';
import { LAST_CHUNK, sendChunk } from './chunked.ts';
import type { ListenerDescription, RequestBody, ResponseFilter, ResponseHead, ResponseObserver } from './exchange.ts';
import { hasToken, type ParsedHead } from './head-parser.ts';

/** What an exchange needs of its HTTP/1 connection. */
export interface Http1Peer {
  readonly filters: readonly ResponseFilter[];
  readonly pendingBytes: number;
  /** The connection may go on to a next request. */
  mayPersist(): boolean;
  /** What the client sends from now on is no HTTP any more. */
  switchProtocols(): RequestBody;
  send(bytes: Uint8Array | string): boolean;
  /** Several sends as one. */
  cork(): void;
  uncork(): void;
  /** The answer is complete, or cut. */
  exchangeFinished(exchange: Http1Exchange, outcome: Outcome): void;
  complain(exchange: Http1Exchange, message: string): void;
}

/** What becomes of the connection: the next request, an orderly close, or a visible break. */
export type Outcome = 'persist' | 'close' | 'reset';

/** One request and its answer on an HTTP/1.0 or 1.1 connection (RFC 9112). */
export class Http1Exchange extends BaseExchange {
  readonly body: RequestBody;
  readonly #peer: Http1Peer;
  readonly #parsed: ParsedHead;
  #outcome: Outcome = 'persist';
  #chunked = false;

  constructor(listener: ListenerDescription, parsed: ParsedHead, body: RequestBody, peer: Http1Peer) {
    super(listener, parsed.variables);
    this.body = body;
    this.#parsed = parsed;
    this.#peer = peer;
  }

  protected get unsentBytes(): number {
    return this.#peer.pendingBytes;
  }

  protected get isHead(): boolean {
    return this.#parsed.method === 'HEAD';
  }

  get upgrade(): string | undefined {
    const { upgrade, minorVersion } = this.#parsed;
    return minorVersion === 1 && this.body.length === 0 ? upgrade : undefined;
  }

  switchProtocols(head: ResponseHead, observer: ResponseObserver): RequestBody {
    this.#outcome = 'close';
    this.#peer.send(this.beginSwitched(head, observer));
    return this.#peer.switchProtocols();
  }

  protected get protocol(): string {
    return this.#parsed.minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0';
  }

  protected get listenerFilters(): readonly ResponseFilter[] {
    return this.#peer.filters;
  }

  protected sendHead(sent: SentHead): void {
    this.#peer.send(this.#headText(sent));
  }

  protected sendWhole(sent: SentHead, body: Uint8Array): void {
    const text = this.#headText(sent);
    this.#peer.cork();
    this.#peer.send(text);
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

  /**
   * The head as sent: the answer's own lines, then framing and `Connection`, which only the connection can know (RFC 9112 sections 6 and 9).
   * On a connection that closes anyway an answer without length ends with it, as uWSGI's do; the bytes are then the app's own (UWSGI-FACTS 4.2).
   */
  #headText({ head, bodyBytes, bodyless, encoded }: SentHead): string {
    const { headers, status } = head;
    // 204 has no framing headers at all (RFC 9110 section 8.6, RFC 9112 section 6.1).
    const unframed = status === 204;
    let text = `${this.protocol} ${status} ${head.reason}\r\n`;
    let hasLength = false;
    let ownCoding = false;
    let closes = !this.#peer.mayPersist();
    let saysClose = false;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] ?? '';
      const value = headers[i + 1] ?? '';
      switch (name.length) {
        case 14:
          if (name.toLowerCase() === 'content-length') {
            if (unframed) continue;
            hasLength = true;
          }
          break;
        case 17:
          if (name.toLowerCase() === 'transfer-encoding') {
            if (unframed) continue;
            ownCoding = true;
          }
          break;
        case 16:
          // uWSGI's router announces the chunks of what it compresses in front of the encoding (UWSGI-FACTS 6.2).
          if (
            encoded &&
            !this.#chunked &&
            this.#parsed.minorVersion === 1 &&
            name.toLowerCase() === 'content-encoding'
          ) {
            text += 'Transfer-Encoding: chunked\r\n';
            this.#chunked = true;
          }
          break;
        case 10:
          if (name.toLowerCase() === 'connection') {
            if (!hasToken(value, 'close') || saysClose) continue;
            closes = true;
            saysClose = true;
            text += 'Connection: close\r\n';
            continue;
          }
          break;
      }
      text += `${name}: ${value}\r\n`;
    }
    const unknownLength = !bodyless && !hasLength && !this.#chunked;
    if (ownCoding) {
      // The app frames its own body, which PEP 3333 forbids: it is passed on untouched and cannot be trusted to end where it says.
      closes = true;
    } else if (unknownLength && (!closes || encoded)) {
      if (bodyBytes !== undefined) {
        text += `Content-Length: ${bodyBytes}\r\n`;
      } else if (this.#parsed.minorVersion === 1) {
        text += 'Transfer-Encoding: chunked\r\n';
        this.#chunked = true;
      } else {
        closes = true;
      }
    }
    if (closes) {
      this.#outcome = 'close';
      // An HTTP/1.0 client that did not ask to stay expects nothing else.
      const expected = this.#parsed.minorVersion === 0 && !this.#parsed.persistent;
      if (!saysClose && !expected) text += 'Connection: close\r\n';
    } else {
      text += 'Connection: keep-alive\r\n';
    }
    return `${text}\r\n`;
  }
}
