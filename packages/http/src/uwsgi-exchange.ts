import { KEEPALIVE_HEADER } from '@emperor/protocol';

import type { SentHead } from './sent-head.ts';
import { ByteStreamExchange, type ByteStreamPeer } from './byte-stream-exchange.ts';
import type { ListenerDescription, RequestBody, ResponseFilter } from './exchange.ts';
import { findHeader, headerLines, statusLine } from './response-head.ts';
import type { Variables } from './variables.ts';

/** What an exchange needs of its uwsgi connection. */
export interface UwsgiPeer extends ByteStreamPeer {
  /** What the router that keeps its connections has sent, where the connection can go on after this answer. */
  keepaliveToken(): string | undefined;
}

/** What may stand at the start of a status line. */
const PROTOCOL = /^HTTP\/[0-9](?:\.[0-9])?$/;
const NO_FILTERS: readonly ResponseFilter[] = [];

/**
 * One request over the uwsgi protocol. The answer is raw HTTP without any framing of ours, its end is the end of the connection
 * (UWSGI-FACTS 12.1); unless the client is our own router, which keeps its connections.
 */
export class UwsgiExchange extends ByteStreamExchange<UwsgiPeer> {
  protected readonly isHead: boolean;
  protected readonly protocol: string;
  protected readonly listenerFilters: readonly ResponseFilter[] = NO_FILTERS;

  constructor(listener: ListenerDescription, variables: Variables, body: RequestBody, peer: UwsgiPeer) {
    super(listener, variables, body, peer, 'close');
    this.isHead = variables.get('REQUEST_METHOD') === 'HEAD';
    const protocol = variables.get('SERVER_PROTOCOL') ?? '';
    this.protocol = PROTOCOL.test(protocol) ? protocol : 'HTTP/1.0';
  }

  /** The client is a server that passes on what its own client has offered: nginx and routers do, and take the 101 that answers it. */
  get upgrade(): string | undefined {
    return this.protocol === 'HTTP/1.1' && this.body.length === 0 ? this.variables.get('HTTP_UPGRADE') : undefined;
  }

  /** Framed only for our own router. */
  protected headText({ head, bodyBytes, bodyless }: SentHead): string {
    const { headers } = head;
    let framing = '';
    const token = this.peer.keepaliveToken();
    // An app that frames its own body cannot be trusted to end where it says.
    if (token !== undefined && findHeader(headers, 'transfer-encoding') === undefined) {
      this.outcome = 'persist';
      this.chunked = !bodyless && bodyBytes === undefined;
      framing = `${KEEPALIVE_HEADER}: ${token} ${this.chunked ? 'chunked' : bodyless ? 0 : bodyBytes}\r\n`;
    }
    return `${statusLine(this.protocol, head)}${framing}${headerLines(headers)}\r\n`;
  }
}
