import type { SentHead } from './sent-head.ts';
import { ByteStreamExchange, type ByteStreamPeer } from './byte-stream-exchange.ts';
import type { ListenerDescription, RequestBody, ResponseFilter } from './exchange.ts';
import { hasToken, type ParsedHead } from './head-parser.ts';
import { statusLine } from './response-head.ts';

/** What an exchange needs of its HTTP/1 connection. */
export interface Http1Peer extends ByteStreamPeer {
  readonly filters: readonly ResponseFilter[];
  /** The connection may go on to a next request. */
  mayPersist(): boolean;
}

/** One request and its answer on an HTTP/1.0 or 1.1 connection (RFC 9112). */
export class Http1Exchange extends ByteStreamExchange<Http1Peer> {
  readonly #parsed: ParsedHead;

  constructor(listener: ListenerDescription, parsed: ParsedHead, body: RequestBody, peer: Http1Peer) {
    super(listener, parsed.variables, body, peer, 'persist');
    this.#parsed = parsed;
  }

  protected get isHead(): boolean {
    return this.#parsed.method === 'HEAD';
  }

  get upgrade(): string | undefined {
    const { upgrade, minorVersion } = this.#parsed;
    return minorVersion === 1 && this.body.length === 0 ? upgrade : undefined;
  }

  protected get protocol(): string {
    return this.#parsed.minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0';
  }

  protected get listenerFilters(): readonly ResponseFilter[] {
    return this.peer.filters;
  }

  /**
   * The head as sent: the answer's own lines, then framing and `Connection`, which only the connection can know (RFC 9112 sections 6 and 9).
   * On a connection that closes anyway an answer whose length is not known ends with it, as uWSGI's do; to an HTTP/1.0 client that expects
   * nothing else the bytes are the app's own (UWSGI-FACTS 4.2).
   */
  protected headText({ head, bodyBytes, bodyless, encoded }: SentHead): string {
    const { headers, status } = head;
    const { minorVersion, persistent } = this.#parsed;
    // 204 has no framing headers at all (RFC 9110 section 8.6, RFC 9112 section 6.1).
    const unframed = status === 204;
    let text = statusLine(this.protocol, head);
    let hasLength = false;
    let ownCoding = false;
    let closes = !this.peer.mayPersist();
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
          if (encoded && !this.chunked && minorVersion === 1 && name.toLowerCase() === 'content-encoding') {
            text += 'Transfer-Encoding: chunked\r\n';
            this.chunked = true;
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
    const unknownLength = !bodyless && !hasLength && !this.chunked;
    if (ownCoding) {
      // The app frames its own body, which PEP 3333 forbids: it is passed on untouched and cannot be trusted to end where it says.
      closes = true;
    } else if (unknownLength && bodyBytes !== undefined && (!closes || (minorVersion === 1 && !saysClose))) {
      // On a connection that closes too: a client sees when the answer was cut. One that closes by its own will stays as it is (UWSGI-FACTS 4.9).
      text += `Content-Length: ${bodyBytes}\r\n`;
    } else if (unknownLength && (!closes || encoded)) {
      if (minorVersion === 1) {
        text += 'Transfer-Encoding: chunked\r\n';
        this.chunked = true;
      } else {
        closes = true;
      }
    }
    if (closes) {
      this.outcome = 'close';
      // An HTTP/1.0 client that did not ask to stay expects nothing else.
      const expected = minorVersion === 0 && !persistent;
      return saysClose || expected ? `${text}\r\n` : `${text}Connection: close\r\n\r\n`;
    }
    return `${text}Connection: keep-alive\r\n\r\n`;
  }
}
